/** Chinese, Japanese and Korean, of which two neighbouring characters stand for a word. */
const PAIRS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}ー]/u;
/** Scripts of which only a dictionary tells the words. */
const DICTIONARY = /[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const UNSPACED = new RegExp(`${PAIRS.source}|${DICTIONARY.source}`, 'u');
const RUNS = new RegExp(`(${PAIRS.source}[\\p{M}]*)+|(${DICTIONARY.source}[\\p{M}]*)+|[^]`, 'gu');
/** Segmenting takes more than linear time, so longer runs are cut; real ones are phrases. */
const MAX_SEGMENTED_CHARACTERS = 500;

export interface ScriptRun {
  readonly script: 'pairs' | 'dictionary' | 'spaced';
  readonly text: string;
}

export const isUnspaced = (text: string): boolean => UNSPACED.test(text);

/** Parts a word where its script changes, such as `5G手机`. */
export function scriptRuns(text: string): ScriptRun[] {
  const runs: ScriptRun[] = [];
  for (const [found, pairs, dictionary] of text.matchAll(RUNS)) {
    const script = pairs !== undefined ? 'pairs' : dictionary !== undefined ? 'dictionary' : 'spaced';
    const last = runs.at(-1);
    if (script === 'spaced' && last?.script === 'spaced') runs.push({ script, text: (runs.pop()?.text ?? '') + found });
    else runs.push({ script, text: found });
  }
  return runs;
}

/** Neighbouring characters in pairs, as is usual for these scripts; a single one stands for itself. */
export function pairsOf(text: string): string[] {
  const characters = [...text.toLowerCase()];
  if (characters.length < 2) return characters;
  return characters.slice(1).map((character, index) => `${characters[index]}${character}`);
}

let segmenter: Intl.Segmenter | undefined;

export function wordsByDictionary(text: string): string[] {
  segmenter ??= new Intl.Segmenter('th', { granularity: 'word' });
  const words: string[] = [];
  for (let start = 0; start < text.length; start += MAX_SEGMENTED_CHARACTERS) {
    const part = text.slice(start, start + MAX_SEGMENTED_CHARACTERS);
    for (const { segment, isWordLike } of segmenter.segment(part)) if (isWordLike) words.push(segment.toWellFormed());
  }
  return words;
}
