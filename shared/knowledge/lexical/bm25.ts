import type { SparseVector } from '../vector-store.ts';

const K1 = 1.2;
const B = 0.75;

type Analysis = typeof import('./analyse.ts');
let loading: Promise<Analysis> | undefined;

/** Stemmers and stop words of all languages, which the first text needs. */
function loadAnalysis(): Promise<Analysis> {
  loading ??= import('./analyse.ts');
  return loading;
}

/**
 * The passages' side of BM25 as sparse vectors; the store multiplies in each term's inverse document frequency.
 * Source: Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond (2009).
 * @param averageTerms of a passage of the same knowledge base.
 */
export async function documentVectors(texts: readonly string[], averageTerms: number): Promise<SparseVector[]> {
  const { documentTerms } = await loadAnalysis();
  return texts.map((text) => {
    const terms = documentTerms(text);
    const norm = K1 * (1 - B + (B * terms.length) / averageTerms);
    const weights = new Map<number, number>();
    for (const term of terms) add(weights, term, 1);
    for (const [dimension, count] of weights) weights.set(dimension, (count * (K1 + 1)) / (count + norm));
    return toSparseVector(weights);
  });
}

/** The question's side: each term with its weight for every time that it is asked. */
export async function queryVector(text: string): Promise<SparseVector> {
  const { queryTerms } = await loadAnalysis();
  const weights = new Map<number, number>();
  for (const [term, weight] of queryTerms(text)) add(weights, term, weight);
  return toSparseVector(weights);
}

/** The terms of some passages, each by its dimension in their vectors. */
export async function passageTerms(texts: readonly string[]): Promise<ReadonlyMap<number, string>[]> {
  const { documentTerms } = await loadAnalysis();
  return texts.map((text) => new Map(documentTerms(text).map((term) => [dimensionOf(term), term])));
}

/** The terms of a question, each by its dimension in its vector. */
export async function questionTerms(text: string): Promise<ReadonlyMap<number, string>> {
  const { queryTerms } = await loadAnalysis();
  return new Map([...queryTerms(text).keys()].map((term) => [dimensionOf(term), term]));
}

/** How many terms BM25 counts in each of some texts. */
export async function countTerms(texts: readonly string[]): Promise<number[]> {
  const { documentTerms } = await loadAnalysis();
  return texts.map((text) => documentTerms(text).length);
}

function add(weights: Map<number, number>, term: string, weight: number): void {
  const dimension = dimensionOf(term);
  weights.set(dimension, (weights.get(dimension) ?? 0) + weight);
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
