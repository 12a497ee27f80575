/** The model reads 128 tokens and drops the rest without a word. */
const WINDOW_TOKENS = 120;
const OVERLAP_TOKENS = 15;

const LONG_WORD_CHARACTERS = 60;

/** How many tokens a word has; the model's tokenizer never joins words, so that they can be counted alone. */
export type CountTokens = (word: string) => number;

interface Word {
  readonly text: string;
  readonly tokens: number;
}

/** Cuts a text into windows of whole words that the model reads to their end; each begins with the last words of the one before. */
export function windowsOf(text: string, count: CountTokens): string[] {
  const words = text
    .split(/\s+/)
    .flatMap(piecesOf)
    .map((piece) => ({ text: piece, tokens: count(piece) }));
  const windows: string[] = [];
  let start = 0;
  while (start < words.length) {
    const end = fill(words, start);
    windows.push(
      words
        .slice(start, end)
        .map((word) => word.text)
        .join(' '),
    );
    if (end === words.length) break;
    start = Math.max(stepBack(words, end), start + 1);
  }
  return windows;
}

/** A "word" such as a long address could be longer than a window. */
const piecesOf = (word: string): string[] => word.match(new RegExp(`.{1,${LONG_WORD_CHARACTERS}}`, 'gsu')) ?? [];

function fill(words: readonly Word[], start: number): number {
  let tokens = 0;
  let end = start;
  for (; end < words.length; end += 1) {
    tokens += words[end]?.tokens ?? 0;
    if (tokens > WINDOW_TOKENS && end > start) break;
  }
  return end;
}

function stepBack(words: readonly Word[], end: number): number {
  let tokens = 0;
  let start = end;
  while (start > 0) {
    tokens += words[start - 1]?.tokens ?? 0;
    if (tokens > OVERLAP_TOKENS) break;
    start -= 1;
  }
  return start;
}
