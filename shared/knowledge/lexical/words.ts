import { isUnspaced, pairsOf, type ScriptRun, scriptRuns, wordsByDictionary } from './unspaced-scripts.ts';

/** Letters, digits and the marks on them, with single joints between: `AB-1234`, `l'avion`, `1,000`, `and/or`. */
const COMPOUND = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*(?:['’.,·\-‐‑_/:@&+][\p{L}\p{N}][\p{L}\p{N}\p{M}]*)*/gu;
const JOINT = /['’.,·\-‐‑_/:@&+]/u;
const APOSTROPHE = /['’]/u;
const SEPARATOR = /[.,'’]/;
const NUMBER = /^\p{N}+(?:[.,'’]\p{N}+)+$/u;
const WITH_THOUSANDS = /^\p{N}{1,3}(?:[.,'’]\p{N}{3})+$/u;
const HUMP = /(?<=\p{Ll}{2})(?=\p{Lu}\p{Ll})/u;
/** Of what is written together: a path or an address of many parts is no word. */
const MAX_JOINED_PARTS = 4;
const MAX_WORD_CHARACTERS = 48;

/**
 * The words of a text in lower case, in its order. What is joined by marks gives its parts and the whole without them, so
 * that `AB-1234`, `AB 1234` and `AB1234` find each other; scripts without spaces give pairs of characters, or words where
 * only a dictionary tells them. Never throws; linear.
 */
export function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (const [compound] of text.toWellFormed().normalize('NFKC').matchAll(COMPOUND)) addCompound(words, compound);
  return words;
}

function addCompound(words: string[], compound: string): void {
  if (!JOINT.test(compound)) addPart(words, compound);
  else if (NUMBER.test(compound)) addNumber(words, compound);
  else if (APOSTROPHE.test(compound)) {
    // Of `company's` and `l'avion`, the letter alone says nothing.
    for (const part of compound.split(JOINT)) if (part.length > 1) addPart(words, part);
  } else addJoined(words, compound);
}

function addJoined(words: string[], compound: string): void {
  const parts = compound.split(JOINT);
  for (const part of parts) addPart(words, part);
  if (parts.length <= MAX_JOINED_PARTS && !isUnspaced(compound)) addWord(words, parts.join(''));
}

function addNumber(words: string[], number: string): void {
  const parts = number.split(SEPARATOR);
  if (WITH_THOUSANDS.test(number)) addWord(words, parts.join(''));
  else {
    // A date, a version or an address is looked for by its parts as well, a decimal is not.
    if (parts.length > 2) for (const part of parts) addWord(words, part);
    addWord(words, parts.join('.'));
  }
}

function addPart(words: string[], part: string): void {
  if (isUnspaced(part)) for (const run of scriptRuns(part)) addRun(words, run);
  else {
    const humps = part.split(HUMP);
    if (humps.length > 1) for (const hump of humps) addWord(words, hump);
    addWord(words, part);
  }
}

function addRun(words: string[], { script, text }: ScriptRun): void {
  if (script === 'spaced') addWord(words, text);
  else words.push(...(script === 'pairs' ? pairsOf(text) : wordsByDictionary(text)));
}

function addWord(words: string[], word: string): void {
  const lower = word.toLowerCase().normalize('NFKC');
  words.push(lower.length > MAX_WORD_CHARACTERS ? lower.slice(0, MAX_WORD_CHARACTERS).toWellFormed() : lower);
}
