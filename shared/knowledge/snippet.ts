import { termsOf } from './lexical/english-terms.ts';

const MAX_CHARACTERS = 240;
const WORD = /[\p{L}\p{N}]+/gu;

/** The part of a passage in which most of the question's words stand close together, cut at words. */
export function snippetOf(text: string, question: string): string {
  if (text.length <= MAX_CHARACTERS) return text;
  const start = bestStart(text, new Set(termsOf(question)));
  const end = start + MAX_CHARACTERS;
  const lastSpace = text.lastIndexOf(' ', end);
  const cut = end >= text.length ? text.slice(start) : text.slice(start, lastSpace > start ? lastSpace : end);
  return `${start > 0 ? '…' : ''}${cut.trim()}${end < text.length ? '…' : ''}`;
}

/** The first word of the window that holds the most different words of the question; the text's start when none does. */
function bestStart(text: string, wanted: ReadonlySet<string>): number {
  // A stem begins as its word does, so that most words need none.
  const beginnings = new Set([...wanted].map(beginningOf));
  const found = [...text.matchAll(WORD)].flatMap(({ 0: word, index }) => {
    if (!beginnings.has(beginningOf(word.toLowerCase()))) return [];
    const [term] = termsOf(word);
    return term !== undefined && wanted.has(term) ? [{ term, index }] : [];
  });
  let best = {
    start: 0,
    count: new Set(found.filter(({ index }) => index < MAX_CHARACTERS).map(({ term }) => term)).size,
  };
  for (const { index: start } of found) {
    const within = found.filter(({ index }) => index >= start && index < start + MAX_CHARACTERS);
    const count = new Set(within.map(({ term }) => term)).size;
    if (count > best.count) best = { start, count };
  }
  return best.start;
}

const beginningOf = (word: string) => word.slice(0, 2);
