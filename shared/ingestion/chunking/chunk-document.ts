import type { ExtractedDocument } from '../extraction/extracted-document.ts';
import type { Chunk, ChunkingOptions } from './chunk.ts';
import { chunkBySize } from './chunk-by-size.ts';
import { chunkByStructure } from './chunk-by-structure.ts';
import type { ChunkDraft } from './chunk-draft.ts';
import { cutBlock } from './cut-block.ts';
import { headingPaths } from './heading-paths.ts';
import { type Packing, packPieces } from './pack-pieces.ts';
import type { CountTokens } from './piece.ts';

/**
 * Cuts a document into passages for search.
 *
 * Every visible character is in a chunk, chunks are in order, and none has more than `maxTokens`; `tokens` is the sum of
 * its parts, which is the count of the whole or slightly above it. Each part is counted once, overlap aside.
 */
export function chunkDocument(
  document: ExtractedDocument,
  options: ChunkingOptions,
  countTokens: CountTokens,
): Chunk[] {
  const { maxTokens } = options;
  // Overlap of half a chunk or more would store most of the text twice.
  const overlapTokens = Math.min(options.overlapTokens, Math.floor(maxTokens / 2));
  const packing: Packing = { text: document.text, maxTokens, overlapTokens, countTokens };
  const paths = headingPaths(document);
  const drafts = toDrafts(document, options, packing, paths);
  return drafts.flatMap(({ pieces, tokens }, index) => {
    const first = pieces[0];
    const last = pieces.at(-1);
    if (!first || !last) return [];
    const span = { start: first.start, end: last.end };
    const headingPath = [...(paths.get(first.block) ?? [])];
    const text = document.text.slice(span.start, span.end);
    return [{ index, text, tokens, headingPath, page: first.block.page ?? null, ...span }];
  });
}

function toDrafts(
  document: ExtractedDocument,
  { strategy }: ChunkingOptions,
  packing: Packing,
  paths: ReturnType<typeof headingPaths>,
): ChunkDraft[] {
  if (strategy === 'fixed') return chunkBySize(document, packing);
  const { text, maxTokens, countTokens } = packing;
  const pieces = document.blocks.flatMap((block) => cutBlock(text, block, maxTokens, countTokens));
  return strategy === 'paragraph' ? packPieces(pieces, packing) : chunkByStructure(pieces, paths, packing);
}
