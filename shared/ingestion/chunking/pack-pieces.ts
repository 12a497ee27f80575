import { type ChunkDraft, emptyDraft, overlapOf, toDraft, tokensWith, withPiece } from './chunk-draft.ts';
import type { CountTokens, Piece } from './piece.ts';

export interface Packing {
  readonly text: string;
  readonly maxTokens: number;
  readonly overlapTokens: number;
  readonly countTokens: CountTokens;
}

const SMALL_SHARE = 0.25;

/**
 * Fills chunks with pieces in order. A chunk that is full goes on in the next one with some sentences repeated; a heading
 * moves on with what it heads; a list that fits a chunk is not begun at the end of another.
 */
export function packPieces(pieces: readonly Piece[], packing: Packing, start: ChunkDraft = emptyDraft): ChunkDraft[] {
  const { maxTokens } = packing;
  const drafts: ChunkDraft[] = [];
  let draft = start;
  for (const group of toGroups(pieces, maxTokens)) {
    const keepWhole = tokensWith(emptyDraft, group) <= maxTokens && draft.tokens >= SMALL_SHARE * maxTokens;
    for (const [index, piece] of group.entries()) {
      const coming = keepWhole && index === 0 ? group : [piece];
      if (draft.pieces.length > 0 && tokensWith(draft, coming) > maxTokens) {
        const { done, next } = turnOver(draft, coming, packing);
        drafts.push(...done);
        draft = next;
      }
      draft = withPiece(draft, piece);
    }
  }
  return draft.pieces.length > 0 ? [...drafts, draft] : drafts;
}

/** Ends a full draft and begins the next: with the headings that ended it, else with what it repeats, as far as it fits. */
function turnOver(
  draft: ChunkDraft,
  coming: readonly Piece[],
  { text, maxTokens, overlapTokens, countTokens }: Packing,
): { done: ChunkDraft[]; next: ChunkDraft } {
  const { body, headings } = splitTrailingHeadings(draft);
  const carried = headings.length > 0 ? headings : overlapOf(text, body, overlapTokens, countTokens);
  let from = 0;
  while (from < carried.length && tokensWith(toDraft(carried.slice(from)), coming) > maxTokens) from += 1;
  const leftBehind = headings.slice(0, from);
  return {
    done: leftBehind.length > 0 ? [body, toDraft(leftBehind)] : [body],
    next: toDraft(carried.slice(from), headings.length > 0 ? 0 : carried.length - from),
  };
}

// Where only repeated pieces stand before the headings, nothing would be left for a chunk of its own.
function splitTrailingHeadings(draft: ChunkDraft): { body: ChunkDraft; headings: readonly Piece[] } {
  const bodyLength = draft.pieces.findLastIndex(({ block }) => block.kind !== 'heading') + 1;
  if (bodyLength <= draft.repeated || bodyLength === draft.pieces.length) return { body: draft, headings: [] };
  const body = toDraft(draft.pieces.slice(0, bodyLength), draft.repeated);
  return { body, headings: draft.pieces.slice(bodyLength) };
}

function toGroups(pieces: readonly Piece[], maxTokens: number): Piece[][] {
  const groups: Piece[][] = [];
  let tokens = 0;
  for (const piece of pieces) {
    const group = groups.at(-1);
    const together = piece.block.kind === 'list-item' && group?.at(-1)?.block.kind === 'list-item';
    if (group && together && tokens <= maxTokens) {
      group.push(piece);
      tokens += piece.tokens;
    } else {
      groups.push([piece]);
      tokens = piece.tokens;
    }
  }
  return groups;
}
