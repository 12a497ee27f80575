import type { BlockKind, ExtractedBlock } from '../extraction/extracted-document.ts';
import { type CountTokens, type Piece, toPiece } from './piece.ts';

export interface Span {
  readonly start: number;
  readonly end: number;
}

type Grain = 'line' | 'cell' | 'sentence' | 'word' | 'character';

const grainsByKind: Readonly<Record<BlockKind, readonly Grain[]>> = {
  heading: ['sentence', 'word', 'character'],
  paragraph: ['sentence', 'word', 'character'],
  'list-item': ['sentence', 'word', 'character'],
  'table-row': ['cell', 'sentence', 'word', 'character'],
  code: ['line', 'word', 'character'],
};

// A character is at most four bytes, and a byte at most one token.
const TOKENS_PER_UNIT = 4;
const sentences = new Intl.Segmenter(undefined, { granularity: 'sentence' });

/** Cuts a block only as finely as it takes for each piece to have at most `maxTokens`. */
export function cutBlock(text: string, block: ExtractedBlock, maxTokens: number, countTokens: CountTokens): Piece[] {
  const whole = toPiece(text, trimSpan(text, block), block, countTokens);
  if (fits(whole, maxTokens)) return [whole];
  return cut(text, whole, grainsByKind[block.kind], maxTokens, countTokens);
}

/** Cuts a block into its words; a word longer than `maxTokens` into parts. */
export function wordPieces(text: string, block: ExtractedBlock, maxTokens: number, countTokens: CountTokens): Piece[] {
  const pieces: Piece[] = [];
  for (const span of splitSpans(text, block, /\s+/g)) {
    const word = toPiece(text, span, block, countTokens);
    if (fits(word, maxTokens)) pieces.push(word);
    else pieces.push(...cut(text, word, ['character'], maxTokens, countTokens));
  }
  return pieces;
}

function cut(
  text: string,
  whole: Piece,
  [grain, ...finer]: readonly Grain[],
  maxTokens: number,
  countTokens: CountTokens,
): Piece[] {
  if (grain === undefined) return [whole];
  return spansOf(text, whole, grain, maxTokens).flatMap((span) => {
    const piece = toPiece(text, span, whole.block, countTokens);
    return fits(piece, maxTokens) ? [piece] : cut(text, piece, finer, maxTokens, countTokens);
  });
}

function fits({ tokens, tokensFirst }: Piece, maxTokens: number): boolean {
  return tokens <= maxTokens && tokensFirst <= maxTokens;
}

/** The sentences of a part of the text, without the white space around them. */
export function sentenceSpans(text: string, { start, end }: Span): Span[] {
  const spans: Span[] = [];
  for (const { index, segment } of sentences.segment(text.slice(start, end))) {
    spans.push(trimSpan(text, { start: start + index, end: start + index + segment.length }));
  }
  return spans.filter(isNotEmpty);
}

function spansOf(text: string, span: Span, grain: Grain, maxTokens: number): Span[] {
  switch (grain) {
    case 'sentence':
      return sentenceSpans(text, span);
    case 'line':
      return splitSpans(text, span, /\n/g);
    case 'cell':
      return splitSpans(text, span, /(?<= \|) /g);
    case 'word':
      return splitSpans(text, span, /\s+/g);
    case 'character':
      return characterSpans(text, span, Math.max(1, Math.floor(maxTokens / TOKENS_PER_UNIT)));
  }
}

function splitSpans(text: string, { start, end }: Span, separator: RegExp): Span[] {
  const spans: Span[] = [];
  let from = start;
  for (const match of text.slice(start, end).matchAll(separator)) {
    spans.push(trimSpan(text, { start: from, end: start + match.index }));
    from = start + match.index + match[0].length;
  }
  spans.push(trimSpan(text, { start: from, end }));
  return spans.filter(isNotEmpty);
}

function characterSpans(text: string, { start, end }: Span, length: number): Span[] {
  const spans: Span[] = [];
  for (let from = start; from < end; ) {
    let to = Math.min(end, from + length);
    if (to < end && (text.charCodeAt(to - 1) & 0xfc00) === 0xd800) to += 1;
    spans.push({ start: from, end: to });
    from = to;
  }
  return spans;
}

function trimSpan(text: string, { start, end }: Span): Span {
  let from = start;
  let to = end;
  while (from < to && text.charCodeAt(from) <= 0x20) from += 1;
  while (to > from && text.charCodeAt(to - 1) <= 0x20) to -= 1;
  return { start: from, end: to };
}

function isNotEmpty({ start, end }: Span): boolean {
  return end > start;
}
