import { termsOf } from '../knowledge/bm25.ts';
import { missingNames } from './names.ts';
import { missingNumbers } from './numbers.ts';
import { isNegative } from './polarity.ts';
import { sentenceSpans } from './sentence-spans.ts';

/** What a claim is checked against: the text of a passage, and the titles that it stands under. */
export interface Source {
  readonly text: string;
  readonly titles: string;
}

export interface LexicalSupport {
  /** The share of the claim's words that the sources have, from 0 to 1. */
  readonly score: number;
  /** A number, a name or a negation of the claim differs: however alike the rest may be, this is not what they say. */
  readonly contradicts: boolean;
}

/** With so many of its words there, a claim speaks of the same thing, and a name that is missing was put in. */
const SAME_SUBJECT = 0.6;
/** Sentences that are nearly as close as the closest may be meant as well. */
const NEARLY_AS_CLOSE = 0.8;

/** Compares a claim with all passages that it cites, word by word. */
export function lexicalSupport(claim: string, sources: readonly Source[]): LexicalSupport {
  const whole = sources.map(({ titles, text }) => `${titles}\n${text}`).join('\n');
  const score = coverage(claim, whole);
  if (missingNumbers(claim, whole).length > 0) return { score, contradicts: true };
  const hasOtherName = score >= SAME_SUBJECT && missingNames(claim, whole).length > 0;
  return { score, contradicts: hasOtherName || (score >= SAME_SUBJECT && isDenied(claim, sources)) };
}

/** Whether the sentences that speak of the same all say the opposite. */
function isDenied(claim: string, sources: readonly Source[]): boolean {
  const sentences = sources.flatMap(({ text }) => sentencesOf(text));
  const scored = sentences.map((sentence) => ({ sentence, score: coverage(claim, sentence) }));
  const best = Math.max(0, ...scored.map(({ score }) => score));
  if (best < SAME_SUBJECT) return false;
  const close = scored.filter(({ score }) => score >= best * NEARLY_AS_CLOSE);
  return close.every(({ sentence }) => isNegative(sentence) !== isNegative(claim));
}

export function sentencesOf(text: string): string[] {
  return text
    .split(/\n{2,}|\n(?=\s*(?:[-*+•–|#]|\d{1,3}[.)]))/u)
    .flatMap((block) => sentenceSpans(block).map(({ start, end }) => block.slice(start, end)));
}

/** The share of the different terms of a claim that a source has; a claim without any is covered by nothing. */
export function coverage(claim: string, source: string): number {
  const wanted = new Set(termsOf(claim));
  if (wanted.size === 0) return 0;
  const there = new Set(termsOf(source));
  return [...wanted].filter((term) => there.has(term)).length / wanted.size;
}
