import { termsOf } from '../knowledge/bm25.ts';
import { hasName, missingNames, namesOf } from './names.ts';
import { missingNumbers, numbersOf } from './numbers.ts';
import { withPlainUnits } from './plain-units.ts';
import { isNegative } from './polarity.ts';
import { clausesOf, type Statement, statementsOf } from './statements.ts';

/** What a claim is checked against: the text of a passage, and the titles that it stands under. */
export interface Source {
  readonly text: string;
  readonly titles: string;
}

export interface LexicalSupport {
  /** The share of the claim's words and facts that the sources have, from 0 to 1. */
  readonly score: number;
  /** A number, a name or a negation of the claim differs: however alike the rest may be, this is not what they say. */
  readonly contradicts: boolean;
  /** Whether it has numbers or names, all of which were found: the rest may be put in other words. */
  readonly hasFacts: boolean;
}

/** With so many of its words there, a claim speaks of the same thing, and a name that is missing was put in. */
const SAME_SUBJECT = 0.5;
/** A number that stands in a sentence with this few of the claim's other words is another number. */
const SAME_CONTEXT = 0.25;
const FEWEST_WORDS = 2;
/** Sentences that are nearly as close as the closest may be meant as well. */
const NEARLY_AS_CLOSE = 0.8;
/** A clause that says as much as its sentence is what is meant. */
const AS_CLOSE = 0.95;
/** A number or name tells more than a word. */
const FACT_WEIGHT = 2;

/** Compares a claim with all passages that it cites, word by word. */
export function lexicalSupport(text: string, cited: readonly Source[]): LexicalSupport {
  const claim = withPlainUnits(text);
  const sources = cited.map(({ titles, text: passage }) => ({ titles, text: withPlainUnits(passage) }));
  const whole = sources.map(({ titles, text: passage }) => `${titles}\n${passage}`).join('\n');
  const statements = sources.flatMap((source) => statementsOf(source.text));
  const lacksNumber = missingNumbers(claim, whole).length > 0;
  const missing = missingNames(claim, whole);
  const isElsewhere = clausesOf(claim).some((clause) => isOutOfContext(clause, claim, statements));
  const words = coverage(wordsOf(claim), whole);
  const [names, numbers] = [namesOf(claim), numbersOf(claim)];
  const hasOtherName = missing.length > 0 && words >= SAME_SUBJECT;
  return {
    score: weighed(words, wordsOf(claim).size, names.length + numbers.length, missing.length),
    contradicts: lacksNumber || hasOtherName || isElsewhere || isDenied(claim, statements),
    hasFacts: names.length + numbers.length > 0 && missing.length === 0,
  };
}

function weighed(words: number, wordCount: number, facts: number, missing: number): number {
  const total = wordCount + facts * FACT_WEIGHT;
  return total === 0 ? 0 : (words * wordCount + (facts - missing) * FACT_WEIGHT) / total;
}

/** Whether the numbers or names of a clause stand in its sources only where something else is spoken of. */
function isOutOfContext(clause: string, claim: string, statements: readonly Statement[]): boolean {
  const names = namesOf(clause);
  const context = wordsOf(claim);
  for (const name of namesOf(claim)) for (const term of termsOf(name)) context.delete(term);
  if (context.size < FEWEST_WORDS) return false;
  const isApart = (holders: readonly Statement[]) =>
    holders.length > 0 && holders.every(({ text }) => coverage(context, text) < SAME_CONTEXT);
  const hasAll = ({ text, isRow }: Statement) => !isRow || names.every((name) => hasName(text, name));
  const withNumbers = statements.filter(({ text }) => missingNumbers(clause, text).length === 0);
  const isOtherRow = withNumbers.length > 0 && !withNumbers.some(hasAll);
  const numbersApart = numbersOf(clause).length > 0 && (isOtherRow || isApart(withNumbers));
  return numbersApart || names.some((name) => isApart(statements.filter(({ text }) => hasName(text, name))));
}

/** Whether what speaks of the same says the opposite throughout. */
function isDenied(claim: string, statements: readonly Statement[]): boolean {
  const wanted = wordsOf(claim);
  const sentences = statements.map(({ text }) => ({ text, score: coverage(wanted, text) }));
  const best = Math.max(0, ...sentences.map(({ score }) => score));
  if (best < SAME_SUBJECT) return false;
  const clauses = statements
    .flatMap(({ text }) => clausesOf(text))
    .map((text) => ({ text, score: coverage(wanted, text) }));
  const exact = clauses.filter(({ score }) => score >= best * AS_CLOSE);
  const close =
    exact.length > 0 ? exact : [...sentences, ...clauses].filter(({ score }) => score >= best * NEARLY_AS_CLOSE);
  return close.every(({ text }) => isNegative(text) !== isNegative(claim));
}

/** The share of words that a text has; of no words, none. */
function coverage(wanted: ReadonlySet<string>, text: string): number {
  if (wanted.size === 0) return 0;
  const there = new Set(termsOf(text));
  return [...wanted].filter((term) => there.has(term)).length / wanted.size;
}

/** Numbers are compared by value, not as words. */
function wordsOf(claim: string): Set<string> {
  return new Set(termsOf(claim).filter((term) => /\p{L}/u.test(term) && numbersOf(term).length === 0));
}
