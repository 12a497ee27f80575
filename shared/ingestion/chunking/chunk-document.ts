import type { ExtractedDocument } from '../extraction/extracted-document.ts';
import type { Chunk, ChunkingOptions } from './chunk.ts';
import { chunkBySize } from './chunk-by-size.ts';
import { chunkByStructure } from './chunk-by-structure.ts';
import type { ChunkDraft } from './chunk-draft.ts';
import { cutBlock } from './cut-block.ts';
import { headingPaths } from './heading-paths.ts';
import { type Packing, packPieces } from './pack-pieces.ts';
import type { CountTokens, Piece } from './piece.ts';
import { createSurroundings } from './surroundings.ts';
import { tableHeaders } from './table-headers.ts';

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
  const wantsSurroundings = options.surroundingTokens > 0;
  const pieces = options.strategy === 'fixed' && !wantsSurroundings ? [] : piecesOf(document, packing);
  const surroundingsOf = wantsSurroundings
    ? createSurroundings(document, { pieces, paths, surroundingTokens: options.surroundingTokens })
    : () => null;
  const headerOf = tableHeaders(document, maxTokens, countTokens);
  return toDrafts(document, options, packing, pieces, paths).flatMap((draft, index) => {
    const first = draft.pieces[0];
    const last = draft.pieces.at(-1);
    if (!first || !last) return [];
    const span = { start: first.start, end: last.end };
    const place = { headingPath: [...(paths.get(first.block) ?? [])], page: first.block.page ?? null };
    const context = { tableHeader: headerOf(first), surroundings: surroundingsOf(span) };
    const text = document.text.slice(span.start, span.end);
    return [{ index, text, tokens: draft.tokens, ...place, ...span, ...context }];
  });
}

function piecesOf({ blocks }: ExtractedDocument, { text, maxTokens, countTokens }: Packing): Piece[] {
  return blocks.flatMap((block) => cutBlock(text, block, maxTokens, countTokens));
}

function toDrafts(
  document: ExtractedDocument,
  { strategy }: ChunkingOptions,
  packing: Packing,
  pieces: readonly Piece[],
  paths: ReturnType<typeof headingPaths>,
): ChunkDraft[] {
  switch (strategy) {
    case 'fixed':
      return chunkBySize(document, packing);
    case 'paragraph':
      return packPieces(pieces, packing);
    case 'structure':
      return chunkByStructure(pieces, paths, packing);
  }
}
