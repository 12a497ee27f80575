import type { ExtractedDocument } from '../extraction/extracted-document.ts';
import { type ChunkDraft, toDraft, tokensOf } from './chunk-draft.ts';
import { wordPieces } from './cut-block.ts';
import type { Packing } from './pack-pieces.ts';
import type { Piece } from './piece.ts';

/** Cuts windows of words and rows, whatever they belong to, each repeating the last ones of the one before. */
export function chunkBySize(document: ExtractedDocument, packing: Packing): ChunkDraft[] {
  const { text, maxTokens, overlapTokens, countTokens } = packing;
  const drafts: ChunkDraft[] = [];
  let pieces: Piece[] = [];
  let tokens = 0;
  for (const block of document.blocks) {
    for (const piece of wordPieces(text, block, maxTokens, countTokens)) {
      if (tokens + piece.tokens > maxTokens && pieces.length > 0) {
        drafts.push(toDraft(pieces));
        pieces = lastWords(pieces, Math.min(overlapTokens, maxTokens - piece.tokens));
        tokens = tokensOf(pieces);
      }
      tokens += pieces.length === 0 ? piece.tokensFirst : piece.tokens;
      pieces.push(piece);
    }
  }
  if (pieces.length > 0) drafts.push(toDraft(pieces));
  return drafts;
}

function lastWords(pieces: readonly Piece[], overlapTokens: number): Piece[] {
  let left = overlapTokens;
  let from = pieces.length;
  while (from > 1) {
    const piece = pieces[from - 1];
    left -= piece ? Math.max(piece.tokens, piece.tokensFirst) : 0;
    if (left < 0) break;
    from -= 1;
  }
  return pieces.slice(from);
}
