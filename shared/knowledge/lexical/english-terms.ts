import { stemmer } from 'stemmer';

const WORD = /[\p{L}\p{N}]+/gu;
const ENGLISH_STEM = /^[a-z]{3,}$/;
const STOP_WORDS = new Set(
  (
    'a an and are as at be but by can could did do does for from had has have how i if in into is it its may me my no not ' +
    'of on or our shall should so such that the their them then there these they this to was we were what when where ' +
    'which who whom why will with would you your'
  ).split(' '),
);

/** The words of a text by their English stems, without stop words: what texts are compared by that stand side by side. */
export function termsOf(text: string): string[] {
  const words = text.normalize('NFKC').toLowerCase().match(WORD) ?? [];
  return words.filter((word) => !STOP_WORDS.has(word)).map((word) => (ENGLISH_STEM.test(word) ? stemmer(word) : word));
}
