import { addPiece, type ChunkDraft, overlapOf, toDraft, tokensOf, tokensWith } from './chunk-draft.ts';
import type { CountTokens, Piece } from './piece.ts';
import { toGroups } from './piece-groups.ts';

export interface Packing {
  readonly text: string;
  readonly maxTokens: number;
  readonly overlapTokens: number;
  readonly countTokens: CountTokens;
}

/**
 * Fills chunks with pieces in order, the first of them being `start`. A chunk that is full goes on in the next one with
 * some sentences repeated; a heading moves on with what it heads; a list or table that fits a chunk is in one.
 */
export function packPieces(pieces: readonly Piece[], packing: Packing, start = toDraft()): ChunkDraft[] {
  const { text, maxTokens } = packing;
  const drafts: ChunkDraft[] = [];
  let draft = start;
  for (const group of toGroups(text, pieces, maxTokens)) {
    // A chunk of nothing but headings would answer nothing: rather is the group cut.
    const isWhole = !draft.isBare && tokensOf([...trailingHeadings(draft), ...group]) <= maxTokens;
    for (const [index, piece] of group.entries()) {
      const coming = isWhole && index === 0 ? group : [piece];
      if (draft.pieces.length > 0 && tokensWith(draft, coming) > maxTokens) {
        const { done, next } = turnOver(draft, coming, packing);
        drafts.push(...done);
        draft = next;
      }
      addPiece(draft, piece);
    }
  }
  if (draft.pieces.length > 0) drafts.push(draft);
  return drafts;
}

/** Ends a full draft and begins the next: with the headings that ended it, else with what it repeats, as far as it fits. */
function turnOver(
  draft: ChunkDraft,
  coming: readonly Piece[],
  { text, maxTokens, overlapTokens, countTokens }: Packing,
): { done: ChunkDraft[]; next: ChunkDraft } {
  const { body, headings } = splitTrailingHeadings(draft);
  // What a heading begins does not go on from what was before.
  const isNew = coming[0]?.block.kind === 'heading';
  const overlap = headings.length > 0 || isNew ? [] : overlapOf(text, body, overlapTokens, countTokens);
  const carried = fitting([...headings, ...overlap], coming, maxTokens);
  const leftBehind = headings.slice(0, Math.max(0, headings.length - carried.length));
  return {
    done: leftBehind.length > 0 ? [body, toDraft(leftBehind)] : [body],
    next: toDraft(carried, headings.length > 0 ? 0 : carried.length),
  };
}

/** As many of the last pieces as fit before what is coming. */
function fitting(carried: readonly Piece[], coming: readonly Piece[], maxTokens: number): readonly Piece[] {
  const following = coming.reduce((sum, { tokens }) => sum + tokens, 0);
  let from = carried.length;
  let between = 0;
  for (let index = carried.length - 1; index >= 0; index -= 1) {
    const piece = carried[index] as Piece;
    if (piece.tokensFirst + between + following <= maxTokens) from = index;
    between += piece.tokens;
    if (between + following > maxTokens) break;
  }
  return carried.slice(from);
}

function trailingHeadings({ pieces }: ChunkDraft): readonly Piece[] {
  return pieces.slice(pieces.findLastIndex(({ block }) => block.kind !== 'heading') + 1);
}

// Where only repeated pieces stand before the headings, nothing would be left for a chunk of its own.
function splitTrailingHeadings(draft: ChunkDraft): { body: ChunkDraft; headings: readonly Piece[] } {
  const bodyLength = draft.pieces.findLastIndex(({ block }) => block.kind !== 'heading') + 1;
  if (bodyLength <= draft.repeated || bodyLength === draft.pieces.length) return { body: draft, headings: [] };
  const body = toDraft(draft.pieces.slice(0, bodyLength), draft.repeated);
  return { body, headings: draft.pieces.slice(bodyLength) };
}
