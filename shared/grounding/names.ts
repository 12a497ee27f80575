import { termsOf } from '../knowledge/lexical/english-terms.ts';

const WORD = /[\p{L}\p{N}][\p{L}\p{N}'’-]*/gu;
const CODE = /^(?=.*\p{L})(?=.*\d)/u;
const UPPER = /^\p{Lu}/u;
/** In a heading nearly every word is upper case: then a capital says nothing. */
const MAX_UPPER_SHARE = 0.6;
/** Nor does it in German, where every noun has one. */
const GERMAN =
  /(?<!\p{L})(?:und|ist|sind|für|nicht|wird|werden|eine[mnrs]?|gibt|darf|dürfen|haben|sich|auch|der|das|dem|des)(?!\p{L})/u;

/** Names and codes of a sentence: what is upper case inside of it, and what mixes letters and digits. */
export function namesOf(sentence: string): string[] {
  const words = sentence.normalize('NFKC').match(WORD) ?? [];
  const upper = words.slice(1).filter((word) => UPPER.test(word));
  const doCapitalsTell = !GERMAN.test(sentence) && upper.length <= words.length * MAX_UPPER_SHARE;
  // The first word is upper case anyway, unless it begins a name of two.
  const isNamed = (index: number) => (index > 0 ? UPPER.test(words[index] ?? '') : UPPER.test(words[1] ?? ''));
  const isName = (word: string, index: number) =>
    CODE.test(word) || (doCapitalsTell && isNamed(index) && word.length > 1 && termsOf(word).length > 0);
  return [...new Set(words.filter(isName))];
}

/** Whether the terms of a text hold a name, in whatever case or ending. */
export function holdsName(terms: ReadonlySet<string>, name: string): boolean {
  return termsOfName(name).every((term) => terms.has(term));
}

export const termsOfName = (name: string) => termsOf(name.replace(/['’]s$/u, ''));

/** The names of a claim that a source does not have. */
export function missingNames(claim: string, source: string): string[] {
  const terms = new Set(termsOf(source));
  return namesOf(claim).filter((name) => !holdsName(terms, name));
}
