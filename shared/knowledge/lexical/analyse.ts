import { CYRILLIC_LANGUAGES, foldsAccents, LATIN_LANGUAGES, type Language, languagesOfScript } from './languages.ts';
import { stemmers } from './stemmers.ts';
import { stopWords } from './stop-words.ts';
import { wordsOf } from './words.ts';

/** Where nothing tells the language: that of most names, codes and loan words. */
const USUAL_LATIN: Language = 'en';
const USUAL_CYRILLIC: Language = 'ru';
const ACCENTS = /\p{Mn}+/gu;
const ASCII = /^[\x20-\x7e]*$/;
/** One may be a name, or a word of another language. */
const FEWEST_TELLING_WORDS = 2;
const OTHER_LANGUAGE_WEIGHT = 0.5;
const MAX_REMEMBERED_STEMS = 50_000;

/**
 * The terms of a passage: its words without those that say nothing, by their stem. The language of what is in Latin
 * or Cyrillic letters is the one whose commonest words stand in it most.
 */
export function documentTerms(text: string): string[] {
  const words = wordsOf(text);
  const hits = countStopWords(words);
  const latin = likeliest(hits, LATIN_LANGUAGES, 1)[0] ?? USUAL_LATIN;
  const cyrillic = likeliest(hits, CYRILLIC_LANGUAGES, 1)[0] ?? USUAL_CYRILLIC;
  const terms: string[] = [];
  for (const word of words) {
    const languages = languagesOfScript(word);
    const language = languages === LATIN_LANGUAGES ? latin : languages === CYRILLIC_LANGUAGES ? cyrillic : languages[0];
    if (language === undefined) terms.push(word);
    else if (!stopWords.get(language)?.has(word)) terms.push(stemOf(language, word));
  }
  return terms;
}

/**
 * The terms of a question, each with its weight for every time that it is asked. A question that tells its language is
 * read in it, and in the usual one of its script, for names and loan words; any other is read in every language of its
 * script, whose forms count less than those of the usual one. So it finds what is written in any of them.
 */
export function queryTerms(text: string): Map<string, number> {
  const words = wordsOf(text);
  const hits = countStopWords(words);
  const readings = new Map([
    readingOf(hits, LATIN_LANGUAGES, USUAL_LATIN),
    readingOf(hits, CYRILLIC_LANGUAGES, USUAL_CYRILLIC),
  ]);
  const terms = new Map<string, number>();
  for (const word of words) {
    const languages = languagesOfScript(word);
    const { own, others } = readings.get(languages) ?? { own: languages, others: [] };
    if (own.some((language) => stopWords.get(language)?.has(word))) continue;
    const forms = new Map<string, number>(languages.length === 0 ? [[word, 1]] : []);
    for (const language of others) forms.set(stemOf(language, word), OTHER_LANGUAGE_WEIGHT);
    for (const language of own) forms.set(stemOf(language, word), 1);
    for (const [form, weight] of forms) terms.set(form, (terms.get(form) ?? 0) + weight);
  }
  return terms;
}

interface Reading {
  /** Whose words count in full, and whose stop words are left out. */
  readonly own: readonly Language[];
  readonly others: readonly Language[];
}

function readingOf(hits: Hits, script: readonly Language[], usual: Language): [readonly Language[], Reading] {
  const told = likeliest(hits, script, FEWEST_TELLING_WORDS);
  if (told.length > 0) return [script, { own: told, others: told.includes(usual) ? [] : [usual] }];
  return [script, { own: [usual], others: script }];
}

type Hits = ReadonlyMap<Language, number>;

function countStopWords(words: readonly string[]): Hits {
  const hits = new Map<Language, number>();
  for (const word of words) {
    for (const language of languagesOfStopWord.get(word) ?? []) hits.set(language, (hits.get(language) ?? 0) + 1);
  }
  return hits;
}

const languagesOfStopWord = new Map<string, Language[]>();
for (const [language, words] of stopWords) {
  for (const word of words) languagesOfStopWord.set(word, [...(languagesOfStopWord.get(word) ?? []), language]);
}

/** Those with the most stop words, if that are any, and as many as are wanted. */
function likeliest(hits: Hits, among: readonly Language[], fewest: number): Language[] {
  const most = Math.max(fewest, ...among.map((language) => hits.get(language) ?? 0));
  return among.filter((language) => hits.get(language) === most);
}

const stems = new Map<string, string>();

/** The stem of a word without accents where the language allows it; remembered, as texts repeat their words. */
function stemOf(language: Language, word: string): string {
  const key = `${language} ${word}`;
  const remembered = stems.get(key);
  if (remembered !== undefined) return remembered;
  const stem = stemmers[language]?.(word) || word;
  const folded = !ASCII.test(stem) && foldsAccents(language) ? stem.normalize('NFD').replaceAll(ACCENTS, '') : stem;
  if (stems.size >= MAX_REMEMBERED_STEMS) stems.clear();
  stems.set(key, folded);
  return folded;
}
