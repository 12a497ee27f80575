import { stemmer } from 'stemmer';
import type { SparseVector } from './vector-store.ts';

const K1 = 1.2;
const B = 0.75;
/** Terms in a typical chunk. A constant, so that a chunk's vector does not depend on its neighbours. */
const AVERAGE_TERMS = 160;
const WORD = /[\p{L}\p{N}]+/gu;
const ENGLISH_STEM = /^[a-z]{3,}$/;
const STOP_WORDS = new Set(
  (
    'a an and are as at be but by can could did do does for from had has have how i if in into is it its may me my no not ' +
    'of on or our shall should so such that the their them then there these they this to was we were what when where ' +
    'which who whom why will with would you your'
  ).split(' '),
);

/** The words of a text as the index knows them: lower case, without accents' variants, stemmed, without stop words. */
export function termsOf(text: string): string[] {
  const words = text.normalize('NFKC').toLowerCase().match(WORD) ?? [];
  return words.filter((word) => !STOP_WORDS.has(word)).map((word) => (ENGLISH_STEM.test(word) ? stemmer(word) : word));
}

/** FNV-1a, 32 bit: gives every term its dimension without a vocabulary to keep. */
function dimensionOf(term: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(term)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash >>> 0;
}

function toSparseVector(weights: ReadonlyMap<number, number>): SparseVector {
  const entries = [...weights].sort(([a], [b]) => a - b);
  return { indices: entries.map(([dimension]) => dimension), values: entries.map(([, weight]) => weight) };
}

function countTerms(terms: readonly string[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const term of terms) {
    const dimension = dimensionOf(term);
    counts.set(dimension, (counts.get(dimension) ?? 0) + 1);
  }
  return counts;
}

/**
 * The document's side of BM25 as a sparse vector; the store multiplies in each term's inverse document frequency.
 * Source: Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond (2009).
 */
export function documentVector(text: string): SparseVector {
  const terms = termsOf(text);
  const norm = K1 * (1 - B + (B * terms.length) / AVERAGE_TERMS);
  const counts = countTerms(terms);
  for (const [dimension, count] of counts) counts.set(dimension, (count * (K1 + 1)) / (count + norm));
  return toSparseVector(counts);
}

/** The question's side: each term once for every time that it is asked. */
export function queryVector(text: string): SparseVector {
  return toSparseVector(countTerms(termsOf(text)));
}
