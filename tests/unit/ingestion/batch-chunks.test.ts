import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchChunks } from '../../../shared/ingestion/batch-chunks.ts';
import type { FlaggedChunk } from '../../../shared/ingestion/flag-chunks.ts';

const LIMITS = { texts: 4, tokens: 100 };
const MAX_CHUNKS = 256;

const chunk = (text: string, index: number, tokens = 10): FlaggedChunk => ({
  ...{
    index,
    text,
    tokens,
    headingPath: [],
    tableHeader: null,
    surroundings: null,
    flags: [],
    page: null,
    start: 0,
    end: text.length,
  },
});
const indexesOf = (chunks: readonly FlaggedChunk[], limits = LIMITS) =>
  batchChunks(null, chunks, limits).map((batch) => batch.chunks.map(({ index }) => index));

describe('batches of chunks', () => {
  it('hold every chunk once, within the limits of a request', () => {
    const texts = fc.array(
      fc.record({ text: fc.constantFrom(...'abcdefghijkl'), tokens: fc.integer({ min: 1, max: 120 }) }),
    );
    fc.assert(
      fc.property(texts, (drawn) => {
        const tokensOf = new Map(drawn.map(({ text, tokens }) => [text, tokens]));
        const chunks = drawn.map(({ text }, index) => chunk(text, index, tokensOf.get(text)));
        const batches = batchChunks(null, chunks, LIMITS).map((batch) => batch.chunks);
        expect(
          batches
            .flat()
            .map(({ index }) => index)
            .sort((a, b) => a - b),
        ).toEqual(chunks.map(({ index }) => index));
        for (const batch of batches) {
          const different = new Set(batch.map(({ text }) => text));
          const tokens = [...different].reduce((sum, text) => sum + (tokensOf.get(text) ?? 0), 0);
          expect(different.size).toBeLessThanOrEqual(LIMITS.texts);
          // One text that is larger than a request goes alone.
          expect(different.size === 1 || tokens <= LIMITS.tokens).toBe(true);
        }
      }),
    );
  });

  it('keep copies of a text together, wherever they stand', () => {
    const chunks = ['notice', 'a', 'b', 'c', 'd', 'e', 'notice'].map((text, index) => chunk(text, index));
    expect(indexesOf(chunks)).toEqual([
      [0, 6, 1, 2, 3],
      [4, 5],
    ]);
  });

  it('count the titles that are embedded with a chunk', () => {
    const titled = [0, 1, 2].map((index) => ({ ...chunk(`text ${index}`, index), headingPath: ['x'.repeat(200)] }));
    expect(indexesOf(titled)).toEqual([[0], [1], [2]]);
  });

  it('hold no more than 256 copies', () => {
    const copies = Array.from({ length: 600 }, (_, index) => chunk('same', index));
    expect(indexesOf(copies).map(({ length }) => length)).toEqual([MAX_CHUNKS, MAX_CHUNKS, 600 - 2 * MAX_CHUNKS]);
  });
});
