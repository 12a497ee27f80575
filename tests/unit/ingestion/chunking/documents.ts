import fc from 'fast-check';
import type { ChunkingOptions } from '../../../../shared/ingestion/chunking/chunk.ts';
import { createDocumentBuilder, type RawBlock } from '../../../../shared/ingestion/extraction/document-builder.ts';
import type { ExtractedDocument } from '../../../../shared/ingestion/extraction/extracted-document.ts';

export function documentOf(blocks: readonly RawBlock[]): ExtractedDocument {
  const builder = createDocumentBuilder(10_000_000);
  for (const block of blocks) builder.add(block);
  return builder.finish({ mediaType: 'text/plain', title: null, pageCount: null });
}

export function sentences(topic: string, count: number): string {
  return Array.from({ length: count }, (_, index) => `Sentence ${index + 1} tells something about ${topic}.`).join(' ');
}

const word = fc.oneof(
  fc.constantFrom(
    ...[
      'Hello',
      'world.',
      'Dr.',
      'e.g.',
      '42',
      '日本語。',
      '日本語の文章は長い',
      'ภาษาไทยไม่มีช่องว่าง',
      '😀😀',
      'naïve',
      '|',
    ],
    ...['Ende!', '<|endoftext|>', '—', 'follows:', 'العربية', 'x'.repeat(300)],
  ),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 }),
);
const words = fc.array(word, { minLength: 1, maxLength: 60 }).map((parts) => parts.join(' '));
const fewWords = fc.array(word, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(' '));
const block: fc.Arbitrary<RawBlock> = fc.record({
  kind: fc.constantFrom('heading', 'paragraph', 'list-item', 'table-row', 'code'),
  text: fc.oneof(words, fewWords),
  level: fc.integer({ min: 1, max: 6 }),
  page: fc.integer({ min: 1, max: 9 }),
});
/** Rows and items seldom come alone. */
const run: fc.Arbitrary<RawBlock[]> = fc
  .tuple(
    fc.constantFrom('list-item' as const, 'table-row' as const),
    fc.array(fewWords, { minLength: 2, maxLength: 12 }),
  )
  .map(([kind, texts]) => texts.map((text) => ({ kind, text: kind === 'table-row' ? `${text} | ${text}` : text })));

/** Blocks of any kind and size, in any script. */
export const anyDocument: fc.Arbitrary<ExtractedDocument> = fc
  .array(
    fc.oneof(
      block.map((one) => [one]),
      run,
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((blocks) => documentOf([{ kind: 'paragraph', text: 'Start.' }, ...blocks.flat()]));

export const anyOptions: fc.Arbitrary<ChunkingOptions> = fc.record({
  strategy: fc.constantFrom('fixed', 'paragraph', 'structure'),
  maxTokens: fc.integer({ min: 8, max: 200 }),
  overlapTokens: fc.integer({ min: 0, max: 90 }),
  surroundingTokens: fc.oneof(fc.constant(0), fc.integer({ min: 9, max: 600 })),
});
