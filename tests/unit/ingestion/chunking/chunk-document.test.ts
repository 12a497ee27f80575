import { beforeAll, describe, expect, it } from 'vitest';
import { type ChunkingOptions, defaultChunkingOptions } from '../../../../shared/ingestion/chunking/chunk.ts';
import { chunkDocument } from '../../../../shared/ingestion/chunking/chunk-document.ts';
import { extractMarkdown } from '../../../../shared/ingestion/extraction/extract-markdown.ts';
import type { ExtractedDocument } from '../../../../shared/ingestion/extraction/extracted-document.ts';
import { loadTokenizer } from '../../../../shared/models/tokenizer.ts';
import { bytesOf, limits } from '../extraction/extracted-blocks.ts';
import { documentOf, sentences } from './documents.ts';

let countTokens: (text: string) => number;

beforeAll(async () => {
  countTokens = (await loadTokenizer()).count;
});

function textsOf(document: ExtractedDocument, options: Partial<ChunkingOptions>): string[] {
  return chunkDocument(document, { ...defaultChunkingOptions, overlapTokens: 0, ...options }, countTokens).map(
    ({ text }) => text,
  );
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
    const chunks = chunkDocument(
      document,
      { ...defaultChunkingOptions, maxTokens: 80, overlapTokens: 20 },
      countTokens,
    );
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

  it('begins a list in a chunk that holds all of it, with the line that leads in to it', () => {
    const items = Array.from({ length: 8 }, (_, index) => `- item ${index} of the list`);
    const document = documentOf([
      { kind: 'paragraph', text: 'A word before.' },
      { kind: 'paragraph', text: 'These are needed:' },
      ...items.map((text) => ({ kind: 'list-item' as const, text })),
    ]);
    const whole = ['These are needed:', items.join('\n')].join('\n\n');
    expect(textsOf(document, { maxTokens: countTokens(whole) + 3 })).toEqual(['A word before.', whole]);
  });

  it('knows the header of a table that goes on in another chunk', () => {
    const rows = Array.from({ length: 40 }, (_, index) => `Town ${index} | ${index * 10} euros`);
    const table = ['Prices of 2026', 'Town | Price', ...rows].map((text) => ({ kind: 'table-row' as const, text }));
    const document = documentOf([{ kind: 'paragraph', text: 'Prices.' }, ...table]);
    for (const strategy of ['structure', 'paragraph', 'fixed'] as const) {
      const options = { ...defaultChunkingOptions, strategy, maxTokens: 60, overlapTokens: 0 };
      const chunks = chunkDocument(document, options, countTokens);
      const expected = chunks.map(({ text }) =>
        text.startsWith('Town ') && !text.includes('Town | Price') ? 'Town | Price' : null,
      );
      expect(expected.filter(Boolean).length).toBeGreaterThan(3);
      expect(chunks.map(({ tableHeader }) => tableHeader)).toEqual(expected);
    }
  });

  it('takes no long row for a header', () => {
    const rows = Array.from({ length: 12 }, (_, index) => `${sentences(`row ${index}`, 3)} | yes`);
    const document = documentOf(rows.map((text) => ({ kind: 'table-row', text })));
    const chunks = chunkDocument(document, { ...defaultChunkingOptions, maxTokens: 70 }, countTokens);
    expect(chunks.length).toBeGreaterThan(3);
    expect(chunks.every(({ tableHeader }) => tableHeader === null)).toBe(true);
  });

  it('repeats nothing of one section in the next', () => {
    const document = documentOf([
      { kind: 'paragraph', text: sentences('before', 8) },
      { kind: 'heading', text: 'After', level: 1 },
      { kind: 'paragraph', text: sentences('after', 8) },
    ]);
    const options = { ...defaultChunkingOptions, strategy: 'paragraph' as const, maxTokens: 100, overlapTokens: 40 };
    const [, second] = chunkDocument(document, options, countTokens);
    expect(second).toMatchObject({ headingPath: ['After'], text: expect.stringMatching(/^After\n/) });
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
    const chunks = chunkDocument(document, { ...defaultChunkingOptions, maxTokens: 70, overlapTokens: 0 }, countTokens);
    expect(chunks.map(({ page }) => page)).toEqual([3, 4]);
  });
});

describe('chunking by fixed size', () => {
  it('cuts windows of words that overlap', () => {
    const words = Array.from({ length: 300 }, (_, index) => `word${index}`);
    const document = documentOf([{ kind: 'paragraph', text: words.join(' ') }]);
    const chunks = chunkDocument(
      document,
      { ...defaultChunkingOptions, strategy: 'fixed', maxTokens: 60, overlapTokens: 12 },
      countTokens,
    );
    chunks.slice(1).forEach((chunk, index) => {
      expect(chunk.start).toBeLessThan(chunks[index]?.end ?? 0);
      expect(chunk.text).toMatch(/^word\d+( word\d+)*$/);
    });
  });

  it('cuts scripts without spaces between words, and repeats words', () => {
    const text = '東京の会議は来週の月曜日に開かれます'.repeat(40);
    const document = documentOf([{ kind: 'paragraph', text }]);
    const options = { ...defaultChunkingOptions, strategy: 'fixed' as const, maxTokens: 60, overlapTokens: 12 };
    const chunks = chunkDocument(document, options, countTokens);
    expect(chunks.length).toBeGreaterThan(3);
    chunks.slice(1).forEach((chunk, index) => {
      expect(chunk.start).toBeLessThan(chunks[index]?.end ?? 0);
      expect(chunk.text).toMatch(/^(?:東京|の|会議|は|来週|月曜日|に|開かれ|開|かれ|ます|れます)/);
    });
  });
});
