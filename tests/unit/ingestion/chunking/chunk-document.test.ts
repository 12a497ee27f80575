import fc from 'fast-check';
import { countTokens as countVocabulary } from 'gpt-tokenizer/encoding/o200k_base';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ChunkingOptions, defaultChunkingOptions } from '../../../../shared/ingestion/chunking/chunk.ts';
import { chunkDocument } from '../../../../shared/ingestion/chunking/chunk-document.ts';
import { createDocumentBuilder, type RawBlock } from '../../../../shared/ingestion/extraction/document-builder.ts';
import { extractMarkdown } from '../../../../shared/ingestion/extraction/extract-markdown.ts';
import type { ExtractedDocument } from '../../../../shared/ingestion/extraction/extracted-document.ts';
import { loadTokenizer } from '../../../../shared/models/tokenizer.ts';
import { bytesOf, limits } from '../extraction/extracted-blocks.ts';

let countTokens: (text: string) => number;

beforeAll(async () => {
  countTokens = (await loadTokenizer()).count;
});

function documentOf(blocks: readonly RawBlock[]): ExtractedDocument {
  const builder = createDocumentBuilder(1_000_000);
  for (const block of blocks) builder.add(block);
  return builder.finish({ mediaType: 'text/plain', title: null, pageCount: null });
}

function textsOf(document: ExtractedDocument, options: Partial<ChunkingOptions>): string[] {
  return chunkDocument(document, { ...defaultChunkingOptions, overlapTokens: 0, ...options }, countTokens).map(
    ({ text }) => text,
  );
}

function sentences(topic: string, count: number): string {
  return Array.from({ length: count }, (_, index) => `Sentence ${index + 1} tells something about ${topic}.`).join(' ');
}

describe('chunking by structure', () => {
  it('begins each section anew, with its heading and the headings above it', () => {
    const source = `# Travel\n\n${sentences('travel', 12)}\n\n## Hotels\n\n${sentences('hotels', 12)}\n`;
    const document = extractMarkdown(bytesOf(source), limits);
    const chunks = chunkDocument(document, { ...defaultChunkingOptions, maxTokens: 120 }, countTokens);
    expect(chunks.map(({ headingPath }) => headingPath)).toEqual([['Travel'], ['Travel', 'Hotels']]);
    expect(chunks.map(({ text }) => text.slice(0, 6))).toEqual(['Travel', 'Hotels']);
  });

  it('puts small sections that follow each other together', () => {
    const other = sentences('others', 6);
    const source = ['# Questions', '## One', 'Yes.', '## Two', 'No.', '# Other', other].join('\n\n');
    const maxTokens = countTokens(`Other\n\n${other}`) + 2;
    expect(textsOf(extractMarkdown(bytesOf(source), limits), { maxTokens })).toEqual([
      'Questions\n\nOne\n\nYes.\n\nTwo\n\nNo.',
      `Other\n\n${other}`,
    ]);
  });

  it('cuts long paragraphs between sentences and repeats whole ones', () => {
    const document = documentOf([{ kind: 'paragraph', text: sentences('rules', 30) }]);
    const chunks = chunkDocument(document, { strategy: 'structure', maxTokens: 80, overlapTokens: 20 }, countTokens);
    expect(chunks.length).toBeGreaterThan(3);
    for (const { text } of chunks) expect(text).toMatch(/^Sentence \d+ .*\.$/s);
    chunks.slice(1).forEach((chunk, index) => {
      const overlap = (chunks[index]?.end ?? 0) - chunk.start;
      expect(overlap).toBeGreaterThan(0);
      expect(countTokens(chunk.text.slice(0, overlap))).toBeLessThanOrEqual(20);
    });
  });

  it('never cuts a row of a table that fits', () => {
    const rows = Array.from({ length: 40 }, (_, index) => `Town ${index} | ${index * 10} euros | open. Closed. Maybe`);
    const document = documentOf(rows.map((text) => ({ kind: 'table-row', text })));
    const shown = textsOf(document, { maxTokens: 60 }).flatMap((text) => text.split('\n'));
    expect(shown).toEqual(rows);
  });

  it('cuts a row that does not fit between its cells', () => {
    const cells = Array.from({ length: 30 }, (_, index) => `cell number ${index}`);
    for (const text of textsOf(documentOf([{ kind: 'table-row', text: cells.join(' | ') }]), { maxTokens: 50 })) {
      expect(text).toMatch(/^cell number \d+( \| cell number \d+)*( \|)?$/);
    }
  });

  it('keeps code and lists whole when they fit', () => {
    const code = 'if (ready) {\n  start();\n}\n'.repeat(5).trim();
    const items = Array.from({ length: 6 }, (_, index) => `- item ${index} of the list`);
    const document = documentOf([
      { kind: 'paragraph', text: sentences('code', 5) },
      { kind: 'code', text: code },
      { kind: 'paragraph', text: sentences('lists', 5) },
      ...items.map((text) => ({ kind: 'list-item' as const, text })),
    ]);
    const texts = textsOf(document, { maxTokens: 80 });
    expect(texts.some((text) => text.includes(code))).toBe(true);
    expect(texts.some((text) => text.includes(items.join('\n')))).toBe(true);
  });

  it('takes a heading along to what it heads', () => {
    const document = documentOf([
      { kind: 'paragraph', text: sentences('before', 6) },
      { kind: 'heading', text: 'After', level: 6 },
      { kind: 'paragraph', text: sentences('after', 6) },
    ]);
    expect(textsOf(document, { strategy: 'paragraph', maxTokens: 70 })[1]).toMatch(/^After\n\nSentence 1/);
  });

  it('names the page on which a chunk begins', () => {
    const document = documentOf([
      { kind: 'paragraph', text: sentences('one', 6), page: 3 },
      { kind: 'paragraph', text: sentences('two', 6), page: 4 },
    ]);
    const chunks = chunkDocument(document, { strategy: 'structure', maxTokens: 70, overlapTokens: 0 }, countTokens);
    expect(chunks.map(({ page }) => page)).toEqual([3, 4]);
  });
});

describe('chunking by fixed size', () => {
  it('cuts windows of words that overlap', () => {
    const words = Array.from({ length: 300 }, (_, index) => `word${index}`);
    const document = documentOf([{ kind: 'paragraph', text: words.join(' ') }]);
    const chunks = chunkDocument(document, { strategy: 'fixed', maxTokens: 60, overlapTokens: 12 }, countTokens);
    chunks.slice(1).forEach((chunk, index) => {
      expect(chunk.start).toBeLessThan(chunks[index]?.end ?? 0);
      expect(chunk.text).toMatch(/^word\d+( word\d+)*$/);
    });
  });
});

describe('chunking anything', () => {
  const word = fc.oneof(
    fc.constantFrom(
      'Hello',
      'world.',
      'Dr.',
      'e.g.',
      '42',
      '日本語。',
      '😀😀',
      'naïve',
      '|',
      'Ende!',
      '<|endoftext|>',
      '—',
    ),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 }),
  );
  const words = fc.array(word, { minLength: 1, maxLength: 60 }).map((parts) => parts.join(' '));
  const block: fc.Arbitrary<RawBlock> = fc.record({
    kind: fc.constantFrom('heading', 'paragraph', 'list-item', 'table-row', 'code'),
    text: words,
    level: fc.integer({ min: 1, max: 6 }),
    page: fc.integer({ min: 1, max: 9 }),
  });
  const document = fc
    .array(block, { minLength: 1, maxLength: 12 })
    .map((blocks) => documentOf([{ kind: 'paragraph', text: 'Start.' }, ...blocks]));
  const options: fc.Arbitrary<ChunkingOptions> = fc.record({
    strategy: fc.constantFrom('fixed', 'paragraph', 'structure'),
    maxTokens: fc.integer({ min: 8, max: 200 }),
    overlapTokens: fc.integer({ min: 0, max: 90 }),
  });

  it('covers all that can be seen, in order, with exact spans, within the limit, the same each time', () => {
    fc.assert(
      fc.property(document, options, (given, chosen) => {
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
      { numRuns: 200 },
    );
  });

  it('never has more tokens than it says for prose, by the vocabulary itself', () => {
    const source = Array.from(
      { length: 20 },
      (_, index) => `## Part ${index}\n\n${sentences(`«topic ${index}»`, index)}`,
    );
    const given = extractMarkdown(bytesOf(source.join('\n\n')), limits);
    for (const strategy of ['fixed', 'paragraph', 'structure'] as const) {
      for (const { text, tokens } of chunkDocument(
        given,
        { strategy, maxTokens: 90, overlapTokens: 20 },
        countTokens,
      )) {
        expect(countVocabulary(text)).toBeLessThanOrEqual(tokens);
      }
    }
  });
});
