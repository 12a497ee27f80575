import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countTerms, documentVectors, queryVector } from '../../../../shared/knowledge/lexical/bm25.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 200 });
const words = fc.array(fc.stringMatching(/^[b-df-hj-np-tv-z]{3,6}$/), { minLength: 1, maxLength: 30 });
const USUAL_AVERAGE = 160;

async function vectorOf(document: string, average = USUAL_AVERAGE) {
  const [vector = { indices: [], values: [] }] = await documentVectors([document], average);
  return vector;
}

async function score(query: string, document: string, average?: number): Promise<number> {
  const { indices, values } = await vectorOf(document, average);
  const weights = new Map(indices.map((index, position) => [index, values[position] ?? 0]));
  const asked = await queryVector(query);
  return asked.indices.reduce(
    (sum, index, position) => sum + (weights.get(index) ?? 0) * (asked.values[position] ?? 0),
    0,
  );
}

describe('sparse vectors', () => {
  it('have ascending, unique, unsigned dimensions and positive, finite weights', async () => {
    await fc.assert(
      fc.asyncProperty(text, async (content) => {
        for (const { indices, values } of [await vectorOf(content), await queryVector(content)]) {
          expect(indices).toEqual([...new Set(indices)].sort((a, b) => a - b));
          expect(indices.every((index) => Number.isInteger(index) && index >= 0 && index < 2 ** 32)).toBe(true);
          expect(values).toHaveLength(indices.length);
          expect(values.every((value) => Number.isFinite(value) && value > 0)).toBe(true);
        }
      }),
    );
  });

  it('do not depend on the order of the words', async () => {
    await fc.assert(
      fc.asyncProperty(words, async (list) => {
        expect(await vectorOf([...list].reverse().join(' '))).toEqual(await vectorOf(list.join(' ')));
      }),
    );
  });

  it('never weigh a term by more than K1 + 1, however often it stands there', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 2_000 }), async (count) => {
        expect((await vectorOf('tamarind '.repeat(count))).values[0]).toBeLessThan(2.2);
      }),
    );
  });

  it('prefer the text that says a word more often, and the shorter of two that say it as often', async () => {
    const filler = 'lorem ipsum dolor sit amet '.repeat(10);
    const [twice, once, alone, never] = await Promise.all([
      score('tamarind', `tamarind tamarind ${filler}`),
      score('tamarind', `tamarind ${filler}`),
      score('tamarind', 'tamarind'),
      score('tamarind', filler),
    ]);
    expect(twice).toBeGreaterThan(once);
    expect(alone).toBeGreaterThan(once);
    expect(never).toBe(0);
  });

  it('count a text as long by the average of its knowledge base', async () => {
    const document = `tamarind ${'lorem ipsum dolor sit amet '.repeat(20)}`;
    expect(await score('tamarind', document, 400)).toBeGreaterThan(await score('tamarind', document, 40));
  });

  it('are empty for a question without words', async () => {
    expect(await queryVector('?!… the')).toEqual({ indices: [], values: [] });
  });

  it('are as long as their texts have terms', async () => {
    expect(await countTerms(['the parking permit', 'the of', ''])).toEqual([2, 0, 0]);
  });
});
