/** The languages whose word forms are known, by ISO 639-1. Of others, words are found as they are written. */
export type Language = (typeof LATIN_LANGUAGES)[number] | (typeof OTHER_LANGUAGES)[number];

/** Those in Latin letters, told apart by their commonest words. */
export const LATIN_LANGUAGES = [
  'en',
  'de',
  'fr',
  'es',
  'it',
  'pt',
  'nl',
  'sv',
  'da',
  'no',
  'fi',
  'pl',
  'cs',
  'ro',
  'hu',
  'tr',
  'id',
] as const;
export const CYRILLIC_LANGUAGES = ['ru', 'uk', 'bg'] as const;
const OTHER_LANGUAGES = [...CYRILLIC_LANGUAGES, 'el', 'ar', 'hy', 'hi', 'ta'] as const;

/** Accents of these are on letters of their own, which no other letter stands for. */
const KEEPS_ACCENTS: ReadonlySet<Language> = new Set([
  'sv',
  'da',
  'no',
  'fi',
  'hu',
  'tr',
  'pl',
  'cs',
  'ru',
  'uk',
  'bg',
  'hi',
  'ta',
]);

export const foldsAccents = (language: Language): boolean => !KEEPS_ACCENTS.has(language);

/** Where a script begins, with what is written in it; null: nothing that we know the forms of. */
const SCRIPTS: readonly (readonly [firstCode: number, languages: readonly Language[] | null])[] = [
  [0x41, LATIN_LANGUAGES],
  [0x250, null],
  [0x370, ['el']],
  [0x400, CYRILLIC_LANGUAGES],
  [0x530, ['hy']],
  [0x590, null],
  [0x600, ['ar']],
  [0x780, null],
  [0x900, ['hi']],
  [0x980, null],
  [0xb80, ['ta']],
  [0xc00, null],
  [0x1e00, LATIN_LANGUAGES],
  [0x1f00, ['el']],
  [0x2000, null],
];

/** The languages that are written in the script of a word, by its first letter; none for a number. */
export function languagesOfScript(word: string): readonly Language[] {
  const code = word.codePointAt(0) ?? 0;
  // Nearly every word of most texts.
  if (code >= 0x61 && code <= 0x7a) return LATIN_LANGUAGES;
  return SCRIPTS.findLast(([firstCode]) => firstCode <= code)?.[1] ?? [];
}
