import { sentenceSpans } from './cut-block.ts';
import { type CountTokens, type Piece, toPiece } from './piece.ts';

/** A chunk being filled: pieces that follow one another in the text. */
export interface ChunkDraft {
  readonly pieces: readonly Piece[];
  readonly tokens: number;
  /** How many of the first pieces the chunk before holds already. */
  readonly repeated: number;
}

export const emptyDraft: ChunkDraft = { pieces: [], tokens: 0, repeated: 0 };

/** The draft with the piece at its end. */
export function withPiece(draft: ChunkDraft, piece: Piece): ChunkDraft {
  return { ...draft, pieces: [...draft.pieces, piece], tokens: tokensWith(draft, [piece]) };
}

/** What the draft would have with these pieces added. */
export function tokensWith(draft: ChunkDraft, pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece, index) => sum + costAfter(draft.pieces.length + index, piece), draft.tokens);
}

export function toDraft(pieces: readonly Piece[], repeated = 0): ChunkDraft {
  return { pieces, tokens: tokensWith(emptyDraft, pieces), repeated };
}

function costAfter(position: number, piece: Piece): number {
  return position === 0 ? piece.tokensFirst : piece.tokens;
}

/**
 * The whole sentences and rows at the end of a draft that the next one may repeat, at most `overlapTokens`; never all
 * of the draft, so that each chunk begins further on than the one before.
 */
export function overlapOf(
  text: string,
  { pieces }: ChunkDraft,
  overlapTokens: number,
  countTokens: CountTokens,
): Piece[] {
  const overlap: Piece[] = [];
  let left = overlapTokens;
  for (const piece of pieces.slice(1).reverse()) {
    if (Math.max(piece.tokens, piece.tokensFirst) > left)
      return [...lastSentences(text, piece, left, countTokens), ...overlap];
    overlap.unshift(piece);
    left -= piece.tokens;
  }
  const [first] = pieces;
  return first ? [...lastSentences(text, first, left, countTokens), ...overlap] : overlap;
}

function lastSentences(text: string, piece: Piece, overlapTokens: number, countTokens: CountTokens): Piece[] {
  if (piece.block.kind !== 'paragraph' || overlapTokens === 0) return [];
  const found: Piece[] = [];
  let left = overlapTokens;
  for (const span of sentenceSpans(text, piece).slice(1).reverse()) {
    const sentence = toPiece(text, span, piece.block, countTokens);
    left -= Math.max(sentence.tokens, sentence.tokensFirst);
    if (left < 0) break;
    found.unshift(sentence);
  }
  return found;
}
