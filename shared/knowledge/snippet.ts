import { termsOf } from './lexical/english-terms.ts';

const MAX_CHARACTERS = 240;
const WORD = /[\p{L}\p{N}]+/gu;

/** Gives of any passage the part in which most of a question's words stand close together, cut at words. */
export type Snippets = (text: string) => string;

/** For all passages that a question found: their words are much the same, so each is stemmed once. */
export function snippetsFor(question: string): Snippets {
  const termOf = createTermFinder(new Set(termsOf(question)));
  return (text) => {
    if (text.length <= MAX_CHARACTERS) return text;
    const start = bestStart(text, termOf);
    const end = start + MAX_CHARACTERS;
    const lastSpace = text.lastIndexOf(' ', end);
    const cut = end >= text.length ? text.slice(start) : text.slice(start, lastSpace > start ? lastSpace : end);
    return `${start > 0 ? '…' : ''}${cut.trim()}${end < text.length ? '…' : ''}`;
  };
}

/** The term that a word is a form of, if it is one of those wanted. */
type TermFinder = (word: string) => string | undefined;

function createTermFinder(wanted: ReadonlySet<string>): TermFinder {
  // A stem begins as its word does, so that most words need none.
  const beginnings = new Set([...wanted].map(beginningOf));
  const known = new Map<string, string | undefined>();
  const find = (word: string) => {
    if (!beginnings.has(beginningOf(word.toLowerCase()))) return undefined;
    const [term] = termsOf(word);
    return term !== undefined && wanted.has(term) ? term : undefined;
  };
  return (word) => {
    if (!known.has(word)) known.set(word, find(word));
    return known.get(word);
  };
}

const beginningOf = (word: string) => word.slice(0, 2);

/** The first word of the window that holds the most different words of the question; the text's start when none does. */
function bestStart(text: string, termOf: TermFinder): number {
  const found: { term: string; index: number }[] = [];
  for (const { 0: word, index } of text.matchAll(WORD)) {
    const term = termOf(word);
    if (term !== undefined) found.push({ term, index });
  }
  const countFrom = (start: number) => {
    const within = found.filter(({ index }) => index >= start && index < start + MAX_CHARACTERS);
    return new Set(within.map(({ term }) => term)).size;
  };
  let best = { start: 0, count: countFrom(0) };
  for (const { index: start } of found) {
    const count = countFrom(start);
    if (count > best.count) best = { start, count };
  }
  return best.start;
}
