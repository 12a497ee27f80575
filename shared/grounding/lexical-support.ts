import { termsOf } from '../knowledge/lexical/english-terms.ts';
import { holdsName, namesOf, termsOfName } from './names.ts';
import { isAmong, isNumberWord, numbersOf } from './numbers.ts';
import { withPlainUnits } from './plain-units.ts';
import { isNegative } from './polarity.ts';
import type { ReadStatement, Said, Source } from './source.ts';
import { clausesOf } from './statements.ts';

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
const HAS_DIGIT = /\d/u;
/** A number or name tells more than a word. */
const FACT_WEIGHT = 2;

/** Compares a claim with all passages that it cites, word by word. */
export function lexicalSupport(text: string, sources: readonly Source[]): LexicalSupport {
  const claim = withPlainUnits(text);
  const [wanted, names, numbers] = [wordsOf(claim), namesOf(claim), numbersOf(claim)];
  const words = shareOf(wanted, (term) => sources.some(({ terms }) => terms.has(term)));
  const missing = names.filter((name) => !sources.some(({ terms }) => holdsName(terms, name)));
  const lacksNumber = numbers.some((number) => !sources.some(({ readings }) => isAmong(number, readings)));
  const hasOtherName = missing.length > 0 && words >= SAME_SUBJECT;
  const facts = names.length + numbers.length;
  const statements = sources.flatMap((source) => source.statements);
  return {
    score: weighed(words, wanted.size, facts, missing.length),
    contradicts:
      lacksNumber || hasOtherName || isOutOfContext(claim, statements) || isDenied(wanted, isNegative(claim), sources),
    hasFacts: facts > 0 && missing.length === 0,
  };
}

function weighed(words: number, wordCount: number, facts: number, missing: number): number {
  const total = wordCount + facts * FACT_WEIGHT;
  return total === 0 ? 0 : (words * wordCount + (facts - missing) * FACT_WEIGHT) / total;
}

/** Whether numbers or names of the claim stand in its sources only where something else is spoken of. */
function isOutOfContext(claim: string, statements: readonly ReadStatement[]): boolean {
  const named = new Set(namesOf(claim).flatMap(termsOfName));
  const context = new Set([...wordsOf(claim)].filter((term) => !named.has(term)));
  if (context.size < FEWEST_WORDS) return false;
  const isApart = (holders: readonly Said[]) =>
    holders.length > 0 && holders.every((holder) => coverage(context, holder) < SAME_CONTEXT);
  return clausesOf(claim).some((clause) => {
    const [names, numbers] = [namesOf(clause), numbersOf(clause)];
    const withNumbers = statements.filter(({ readings }) => numbers.every((number) => isAmong(number, readings)));
    // The cells of a row belong together: a number of one row says nothing of the name of another.
    const fitting = withNumbers.filter(({ isRow, terms }) => !isRow || names.every((name) => holdsName(terms, name)));
    const isOtherRow = withNumbers.length > 0 && fitting.length === 0;
    if (numbers.length > 0 && (isOtherRow || isApart(withNumbers))) return true;
    return names.some((name) => isApart(statements.filter(({ terms }) => holdsName(terms, name))));
  });
}

/** Whether what speaks of the same says the opposite throughout. */
function isDenied(wanted: ReadonlySet<string>, isClaimNegative: boolean, sources: readonly Source[]): boolean {
  const scored = (said: Said) => ({ isNegative: said.isNegative, score: coverage(wanted, said) });
  const sentences = sources.flatMap(({ statements }) => statements.map(scored));
  const best = Math.max(0, ...sentences.map(({ score }) => score));
  if (best < SAME_SUBJECT) return false;
  const clauses = sources.flatMap((source) => source.clauses.map(scored));
  const exact = clauses.filter(({ score }) => score >= best * AS_CLOSE);
  const near = [...sentences, ...clauses].filter(({ score }) => score >= best * NEARLY_AS_CLOSE);
  return (exact.length > 0 ? exact : near).every((said) => said.isNegative !== isClaimNegative);
}

const coverage = (wanted: ReadonlySet<string>, { terms }: Said) => shareOf(wanted, (term) => terms.has(term));

/** The share of words for which something holds; of no words, none. */
function shareOf(wanted: ReadonlySet<string>, holds: (term: string) => boolean): number {
  return wanted.size === 0 ? 0 : [...wanted].filter(holds).length / wanted.size;
}

/** Numbers are compared by value, not as words. */
function wordsOf(claim: string): Set<string> {
  return new Set(termsOf(claim).filter((term) => !HAS_DIGIT.test(term) && !isNumberWord(term)));
}
