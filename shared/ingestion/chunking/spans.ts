export interface Span {
  readonly start: number;
  readonly end: number;
}

/** How finely a text is cut, coarse to fine; `script` is a word of a script that has no spaces between words. */
export type Grain = 'line' | 'cell' | 'sentence' | 'word' | 'script' | 'character';

// A character is at most four bytes, and a byte at most one token.
const TOKENS_PER_UNIT = 4;
const WITHOUT_SPACES = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmr}\p{sc=Mymr}]/u;
const sentences = new Intl.Segmenter(undefined, { granularity: 'sentence' });
const words = new Intl.Segmenter(undefined, { granularity: 'word' });

/** The parts of a span at a grain, without the white space around them; `maxTokens` bounds those that are `character`. */
export function spansAt(grain: Grain, text: string, span: Span, maxTokens: number): Span[] {
  switch (grain) {
    case 'sentence':
      return sentenceSpans(text, span);
    case 'line':
      return splitSpans(text, span, /\n/g);
    case 'cell':
      return splitSpans(text, span, /(?<= \|) /g);
    case 'word':
      return splitSpans(text, span, /\s+/g);
    case 'script':
      return hasNoSpaces(text, span) ? segmentSpans(words, text, span) : [span];
    case 'character':
      return characterSpans(text, span, Math.max(1, Math.floor(maxTokens / TOKENS_PER_UNIT)));
  }
}

/** The sentences of a part of the text, without the white space around them. */
export const sentenceSpans = (text: string, span: Span): Span[] => segmentSpans(sentences, text, span);

export function hasNoSpaces(text: string, { start, end }: Span): boolean {
  return WITHOUT_SPACES.test(text.slice(start, end));
}

export function trimSpan(text: string, { start, end }: Span): Span {
  let from = start;
  let to = end;
  while (from < to && text.charCodeAt(from) <= 0x20) from += 1;
  while (to > from && text.charCodeAt(to - 1) <= 0x20) to -= 1;
  return { start: from, end: to };
}

function segmentSpans(segmenter: Intl.Segmenter, text: string, { start, end }: Span): Span[] {
  const spans: Span[] = [];
  for (const { index, segment } of segmenter.segment(text.slice(start, end))) {
    spans.push(trimSpan(text, { start: start + index, end: start + index + segment.length }));
  }
  return spans.filter(isNotEmpty);
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

function isNotEmpty({ start, end }: Span): boolean {
  return end > start;
}
