import type { Passage } from './passages.ts';
import { holdsFact, type Question } from './question.ts';
import { type Sentence, sentencesOf } from './sentences.ts';
import { termsOf } from './words.ts';

/** One sentence, or two that follow each other, and how well they answer. */
export interface Candidate {
  readonly passage: number;
  readonly first: number;
  readonly sentences: readonly string[];
  /** The share of the question's weight that it covers, from 0 to about 1. */
  readonly score: number;
  /** The score with what tells equals apart. */
  readonly rank: number;
}

const HEADING_WORTH = 0.75;
const NEIGHBOUR_WORTH = 0.5;
const SECOND_SENTENCE_PRICE = 0.08;
/** What decides between sentences that cover the same words: a heading that fits as well, the first place, few other words. */
const FITTING_HEADING_BONUS = 0.06;
const OPENING_BONUS = 0.04;
const BREVITY_BONUS = 0.03;
const BRIEF_TERMS = 12;
const MIN_RARITY = 0.35;
const SHORTEST_STEM = 5;
/** A document that talks to the model instead of to its reader is quoted by nobody. */
const ORDERS_THE_MODEL =
  /\b(?:ignore|disregard|forget|override)\b.{0,60}\b(?:instructions?|prompts?|rules|above|previous)\b|\b(?:system prompt|you are now|as an ai|respond (?:only )?with|reply (?:only )?with|do not (?:cite|mention) (?:this|the) (?:passage|document))\b/i;

interface Unit extends Sentence {
  readonly terms: ReadonlySet<string>;
  readonly heading: ReadonlySet<string>;
}

/** Every window of one or two sentences that could answer, with its score, in the order of the passages. */
export function scoreSentences(question: Question, passages: readonly Passage[]): Candidate[] {
  const documents = passages.map(readUnits);
  const weights = weigh(question, documents);
  return documents.flatMap((units, passage) =>
    units.flatMap((_, first) =>
      [1, 2].flatMap((length) => {
        const window = units.slice(first, first + length);
        if (window.length < length || window.some(({ text }) => ORDERS_THE_MODEL.test(text))) return [];
        const sentences = window.map(({ text }) => text);
        if (!holdsFact(sentences.join(' '), question.asksFor)) return [];
        const score = coverage(weights, window, [units[first - 1], units[first + length]], question.overview);
        if (score === 0) return [];
        const paid = score - SECOND_SENTENCE_PRICE * (length - 1);
        return [{ passage, first, sentences, score: paid, rank: paid + tieBreak(weights, window, first === 0) }];
      }),
    ),
  );
}

function readUnits(passage: Passage): Unit[] {
  const heading = termsOf(`${passage.title} ${passage.section}`);
  return sentencesOf(passage.text).map((sentence) => ({
    ...sentence,
    terms: new Set(termsOf(sentence.own)),
    heading: new Set([...heading, ...termsOf(sentence.context)]),
  }));
}

interface Weight {
  readonly term: string;
  readonly weight: number;
  readonly required: boolean;
}

function weigh(question: Question, documents: readonly (readonly Unit[])[]): Weight[] {
  const units = documents.flat();
  const strongest = Math.max(0, ...question.terms.map(({ importance }) => importance));
  return question.terms.map(({ term, importance, required }) => {
    const holders = units.filter((unit) => has(unit.terms, term) || has(unit.heading, term)).length;
    const rarity = Math.log(1 + units.length / (holders + 1)) / Math.log(1 + units.length);
    const weight = holders === 0 ? 1 : Math.max(MIN_RARITY, Math.min(1, rarity));
    return { term, weight: (weight * importance) / (strongest || 1), required };
  });
}

function coverage(
  weights: readonly Weight[],
  window: readonly Unit[],
  around: readonly (Unit | undefined)[],
  overview: boolean,
): number {
  let covered = 0;
  let total = 0;
  for (const { term, weight, required } of weights) {
    const worth = worthOf(term, window, around, overview);
    if (required && worth === 0) return 0;
    covered += worth * weight;
    total += weight;
  }
  return total === 0 ? 0 : covered / total;
}

function tieBreak(weights: readonly Weight[], window: readonly Unit[], opens: boolean): number {
  const total = weights.reduce((sum, { weight }) => sum + weight, 0);
  const inHeading = weights.filter(({ term }) => window.some(({ heading }) => has(heading, term)));
  const headed = inHeading.reduce((sum, { weight }) => sum + weight, 0) / total;
  const terms = window.reduce((sum, unit) => sum + unit.terms.size, 0);
  const opening = opens ? OPENING_BONUS : 0;
  return opening + FITTING_HEADING_BONUS * headed + BREVITY_BONUS * Math.min(1, BRIEF_TERMS / terms);
}

function worthOf(
  term: string,
  window: readonly Unit[],
  around: readonly (Unit | undefined)[],
  overview: boolean,
): number {
  if (window.some((unit) => has(unit.terms, term))) return 1;
  if (window.some((unit) => has(unit.heading, term))) return overview ? 1 : HEADING_WORTH;
  return around.some((unit) => unit && has(unit.terms, term)) ? NEIGHBOUR_WORTH : 0;
}

/** Also finds the forms that the stemmer leaves apart by one letter, such as `notifi` and `notif`. */
function has(terms: ReadonlySet<string>, term: string): boolean {
  if (terms.has(term)) return true;
  if (term.length < SHORTEST_STEM) return false;
  if (term.length > SHORTEST_STEM && terms.has(term.slice(0, -1))) return true;
  for (const other of terms) if (other.length === term.length + 1 && other.startsWith(term)) return true;
  return false;
}
