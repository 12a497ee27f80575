import fc from 'fast-check';
import { countTokens as countVocabulary } from 'gpt-tokenizer/encoding/o200k_base';
import { beforeAll, describe, expect, it } from 'vitest';
import { defaultChunkingOptions } from '../../../../shared/ingestion/chunking/chunk.ts';
import { chunkDocument } from '../../../../shared/ingestion/chunking/chunk-document.ts';
import { extractMarkdown } from '../../../../shared/ingestion/extraction/extract-markdown.ts';
import type {
  BlockKind,
  ExtractedBlock,
  ExtractedDocument,
} from '../../../../shared/ingestion/extraction/extracted-document.ts';
import { loadTokenizer } from '../../../../shared/models/tokenizer.ts';
import { bytesOf, limits } from '../extraction/extracted-blocks.ts';
import { anyDocument, anyOptions, documentOf, sentences } from './documents.ts';

const RUNS = { numRuns: 150 };

let countTokens: (text: string) => number;
/** Exact for long words too, which the counter cuts. */
const inVocabulary = (text: string) => countVocabulary(text, { disallowedSpecial: new Set<string>() });

beforeAll(async () => {
  countTokens = (await loadTokenizer()).count;
});

type Spans = readonly { readonly start: number; readonly end: number }[];

const isCut = (spans: Spans, { start, end }: ExtractedBlock) =>
  spans.some((span) => [span.start, span.end].some((edge) => start < edge && edge < end));
const isInOne = (spans: Spans, start: number, end: number) =>
  spans.some((span) => span.start <= start && end <= span.end);

/** Blocks of a kind that follow one another, with the headings right before them. */
function runsOf(blocks: readonly ExtractedBlock[], kind: BlockKind) {
  const runs: { headings: ExtractedBlock[]; blocks: ExtractedBlock[] }[] = [];
  let headings: ExtractedBlock[] = [];
  for (const [index, block] of blocks.entries()) {
    if (block.kind === kind && blocks[index - 1]?.kind === kind) runs.at(-1)?.blocks.push(block);
    else if (block.kind === kind) runs.push({ headings, blocks: [block] });
    headings = block.kind === 'heading' ? [...headings, block] : [];
  }
  return runs;
}

describe('chunks of any document', () => {
  it('cover all that can be seen, in order, with exact spans, within the limit, the same each time', () => {
    fc.assert(
      fc.property(anyDocument, anyOptions, (given, chosen) => {
        const chunks = chunkDocument(given, chosen, countTokens);
        const covered = new Uint8Array(given.text.length);
        let previous = { start: -1, end: -1 };
        for (const [index, chunk] of chunks.entries()) {
          expect(chunk.index).toBe(index);
          expect(chunk.text).toBe(given.text.slice(chunk.start, chunk.end));
          expect(chunk.text.isWellFormed()).toBe(true);
          expect(chunk.tokens).toBeLessThanOrEqual(chosen.maxTokens);
          expect(chunk.start).toBeGreaterThan(previous.start);
          expect(chunk.end).toBeGreaterThan(previous.end);
          covered.fill(1, chunk.start, chunk.end);
          previous = chunk;
        }
        for (let at = 0; at < covered.length; at += 1) if (!covered[at]) expect(given.text[at]).toMatch(/\s/);
        expect(chunkDocument(given, chosen, countTokens)).toEqual(chunks);
      }),
      RUNS,
    );
  });

  it('cut no row that fits, by any strategy, and no code or heading that fits where blocks are kept', () => {
    fc.assert(
      fc.property(anyDocument, anyOptions, (given, chosen) => {
        const chunks = chunkDocument(given, chosen, countTokens);
        const kept: readonly BlockKind[] =
          chosen.strategy === 'fixed' ? ['table-row'] : ['table-row', 'code', 'heading'];
        for (const block of given.blocks.filter(({ kind }) => kept.includes(kind))) {
          const tokens = countTokens(`\n\n${given.text.slice(block.start, block.end).trim()}`);
          if (tokens < chosen.maxTokens) expect(isCut(chunks, block)).toBe(false);
        }
      }),
      RUNS,
    );
  });

  it('hold lists and tables whole where those fit with their headings', () => {
    fc.assert(
      fc.property(anyDocument, anyOptions, (given, chosen) => {
        fc.pre(chosen.strategy !== 'fixed');
        const chunks = chunkDocument(given, chosen, countTokens);
        const size = ({ start, end }: ExtractedBlock) => countTokens(`\n\n${given.text.slice(start, end)}`) + 1;
        for (const { headings, blocks } of [
          ...runsOf(given.blocks, 'list-item'),
          ...runsOf(given.blocks, 'table-row'),
        ]) {
          const tokens = [...headings, ...blocks].reduce((sum, block) => sum + size(block), 0);
          if (tokens > chosen.maxTokens) continue;
          expect(isInOne(chunks, blocks[0]?.start ?? 0, blocks.at(-1)?.end ?? 0)).toBe(true);
        }
      }),
      RUNS,
    );
  });

  it('have surroundings that hold them, within limits and document, that cut no row that fits', () => {
    fc.assert(
      fc.property(anyDocument, anyOptions, (given, chosen) => {
        const rows = given.blocks.filter(({ kind }) => kind === 'table-row');
        const { surroundingTokens } = chosen;
        for (const { start, end, surroundings } of chunkDocument(given, chosen, countTokens)) {
          if (!surroundings) continue;
          expect(surroundings.text).toBe(given.text.slice(surroundings.start, surroundings.end));
          expect(surroundings.start).toBeLessThanOrEqual(start);
          expect(surroundings.end).toBeGreaterThanOrEqual(end);
          expect(surroundings.end - surroundings.start).toBeGreaterThan(end - start);
          // The parts of a word that is cut may have a token less than the word.
          const cutWords = surroundings.text.match(/\S{60,}/g)?.length ?? 0;
          expect(inVocabulary(surroundings.text)).toBeLessThanOrEqual(surroundingTokens + cutWords);
          // A row that fits no chunk is cut, and a chunk may be a part of it.
          const whole = rows.filter((row) => !isCut([{ start, end }], row));
          expect(whole.filter((row) => isCut([surroundings], row))).toEqual([]);
        }
      }),
      RUNS,
    );
  });

  it('never have more tokens than they say for prose, by the vocabulary itself', () => {
    const source = Array.from(
      { length: 20 },
      (_, index) => `## Part ${index}\n\n${sentences(`«topic ${index}»`, index)}`,
    );
    const given = extractMarkdown(bytesOf(source.join('\n\n')), limits);
    for (const strategy of ['fixed', 'paragraph', 'structure'] as const) {
      const options = { ...defaultChunkingOptions, strategy, maxTokens: 90, overlapTokens: 20 };
      for (const { text, tokens } of chunkDocument(given, options, countTokens)) {
        expect(inVocabulary(text)).toBeLessThanOrEqual(tokens);
      }
    }
  });
});

describe('a document of an unusual shape', () => {
  const many = 60_000;
  const everyCharacter = (text: string) => text.length;
  const shapes: Readonly<Record<string, () => ExtractedDocument>> = {
    'one endless word': () => documentOf([{ kind: 'paragraph', text: 'x'.repeat(2 * many) }]),
    'one endless sentence without spaces': () => documentOf([{ kind: 'paragraph', text: '語'.repeat(2 * many) }]),
    'one endless row': () =>
      documentOf([
        {
          kind: 'table-row',
          text: Array(3 * many)
            .fill('cell')
            .join(' | '),
        },
      ]),
    'nothing but headings': () => documentOf(Array(many).fill({ kind: 'heading', text: 'Part', level: 2 })),
    'tiny blocks': () => documentOf(Array(many).fill({ kind: 'list-item', text: '- a' })),
  };

  it.each(Object.keys(shapes))('is chunked whole: %s', (shape) => {
    const given = shapes[shape]?.();
    for (const strategy of ['structure', 'paragraph', 'fixed'] as const) {
      const options = { ...defaultChunkingOptions, strategy, maxTokens: 8, overlapTokens: 2 };
      const chunks = chunkDocument(given as ExtractedDocument, options, everyCharacter);
      expect(chunks.length).toBeGreaterThan(many / 4);
      expect(chunks.at(-1)?.end).toBe(given?.text.length);
    }
  });
});
