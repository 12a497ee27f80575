import { type CountTokens, type Piece, toPiece } from './piece.ts';
import { sentenceSpans } from './spans.ts';

/** A chunk being filled: pieces that follow one another in the text. */
export interface ChunkDraft {
  readonly pieces: Piece[];
  tokens: number;
  /** How many of the first pieces the chunk before holds already. */
  readonly repeated: number;
  /** Nothing but headings so far. */
  isBare: boolean;
}

export function toDraft(pieces: Iterable<Piece> = [], repeated = 0): ChunkDraft {
  const draft: ChunkDraft = { pieces: [], tokens: 0, repeated, isBare: true };
  for (const piece of pieces) addPiece(draft, piece);
  return draft;
}

export function addPiece(draft: ChunkDraft, piece: Piece): void {
  draft.tokens += costAfter(draft.pieces.length, piece);
  draft.isBare &&= piece.block.kind === 'heading';
  draft.pieces.push(piece);
}

/** What the draft would have with these pieces added. */
export function tokensWith({ pieces: { length }, tokens }: ChunkDraft, pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece, index) => sum + costAfter(length + index, piece), tokens);
}

/** What pieces have in a chunk of their own. */
export function tokensOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece, index) => sum + costAfter(index, piece), 0);
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
  let left = overlapTokens;
  let from = pieces.length;
  for (; from > 0; from -= 1) {
    const piece = pieces[from - 1] as Piece;
    if (from === 1 || Math.max(piece.tokens, piece.tokensFirst) > left) {
      return [...lastSentences(text, piece, left, countTokens), ...pieces.slice(from)];
    }
    left -= piece.tokens;
  }
  return [];
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
