export interface Span {
  readonly start: number;
  /** One past the last character. */
  readonly end: number;
}

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });

/** A full stop that ends an abbreviation, an initial or the number of a list or day, and no sentence. */
const UNFINISHED =
  /(?:^|[\s(])(?:e\.g|i\.e|cf|vs|approx|nos?|dr|mrs?|ms|prof|st|art|sec|fig|max|min|incl|resp|ca|bzw|z\.\s?b|u\.\s?a|d\.\s?h|inkl|evtl|ggf|nr|abs|p\.\s?ex|env|sr|sra|núm|pág|\p{Lu})\.\s*$/iu;
const DAY_OR_NUMBER = /(?:^|\s)\d{1,2}\.\s*$/u;
const GOES_ON = /^(?:\p{Ll}|\d)/u;
const MONTH = /^(?:Jan|Feb|Mar|Mär|Apr|Ma[iy]|Jun|Jul|Aug|Sep|O[ck]t|Nov|De[cz])/u;
/** `Lunch is free. [1] Dinner is not.`: the marker belongs to what it follows. */
const LEADING_MARKERS = /^(?:\s*\[\d{1,3}\])+\s*/u;

/** The sentences of one line or paragraph, without the space around them, with markers at the sentence that they follow. */
export function sentenceSpans(text: string): Span[] {
  const spans: { start: number; end: number }[] = [];
  for (const { segment, index } of segmenter.segment(text)) {
    const last = spans.at(-1);
    const before = last ? text.slice(last.start, last.end) : '';
    if (last && continues(before, segment)) {
      last.end = index + segment.length;
      continue;
    }
    const markers = last ? (LEADING_MARKERS.exec(segment)?.[0].length ?? 0) : 0;
    if (last) last.end += markers;
    if (markers < segment.length) spans.push({ start: index + markers, end: index + segment.length });
  }
  return spans.flatMap((span) => trimmed(text, span));
}

function continues(before: string, segment: string): boolean {
  if (UNFINISHED.test(before)) return true;
  return DAY_OR_NUMBER.test(before) && (GOES_ON.test(segment) || MONTH.test(segment));
}

function trimmed(text: string, { start, end }: Span): Span[] {
  const whole = text.slice(start, end);
  const from = start + (whole.length - whole.trimStart().length);
  const to = end - (whole.length - whole.trimEnd().length);
  return from < to ? [{ start: from, end: to }] : [];
}
