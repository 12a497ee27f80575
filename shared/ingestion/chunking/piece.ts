import type { ExtractedBlock } from '../extraction/extracted-document.ts';

export type CountTokens = (text: string) => number;

/** A part of a block that is never cut further, counted once. */
export interface Piece {
  /** Without the white space around it. */
  readonly start: number;
  readonly end: number;
  /** Tokens when it follows another piece, with the white space between them. */
  readonly tokens: number;
  /** Tokens when a chunk begins with it. */
  readonly tokensFirst: number;
  readonly block: ExtractedBlock;
}

const SPACE = /\s/;
const LAST_ASCII = 0x7f;
const LONGEST_FIRST_WORD = 64;

/**
 * Counts a piece once, with the white space before it: byte-pair tokens never reach over the border of a word and the
 * space before it, so the pieces of a chunk add up to its tokens (or one more for a line end after punctuation, and one
 * more or less where a word is cut). Only the first word of a chunk, which there has no space before it, is counted again.
 */
export function toPiece(
  text: string,
  span: { readonly start: number; readonly end: number },
  block: ExtractedBlock,
  countTokens: CountTokens,
): Piece {
  const { start, end } = span;
  let gap = start;
  while (gap > 0 && isSpace(text.charCodeAt(gap - 1))) gap -= 1;
  const tokens = countTokens(text.slice(gap, end));
  if (gap === start) return { start, end, tokens, tokensFirst: tokens, block };
  const firstWordEnd = endOfFirstWord(text, start, end);
  const withGap = firstWordEnd === end ? tokens : countTokens(text.slice(gap, firstWordEnd));
  const tokensFirst = tokens - withGap + countTokens(text.slice(start, firstWordEnd));
  return { start, end, tokens, tokensFirst, block };
}

/** Pieces of one block that follow one another, as one; what they have adds up. null for none. */
export function joinPieces(pieces: readonly Piece[]): Piece | null {
  const [first] = pieces;
  const last = pieces.at(-1);
  if (!first || !last) return null;
  const following = pieces.slice(1).reduce((sum, { tokens }) => sum + tokens, 0);
  const { start, tokens, tokensFirst, block } = first;
  return { start, end: last.end, tokens: tokens + following, tokensFirst: tokensFirst + following, block };
}

function endOfFirstWord(text: string, start: number, end: number): number {
  const limit = Math.min(end, start + LONGEST_FIRST_WORD);
  let position = start;
  while (position < limit && !isSpace(text.charCodeAt(position))) position += 1;
  return position < limit ? position : end;
}

function isSpace(code: number): boolean {
  if (code > LAST_ASCII) return SPACE.test(String.fromCharCode(code));
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}
