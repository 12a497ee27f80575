/** One list of results: scores by id, in any order. */
export type Scores = ReadonlyMap<string, number>;

export interface Fused {
  readonly id: string;
  /** 0 to 1. */
  readonly score: number;
}

function minMaxScaled(scores: Scores): Map<string, number> {
  const values = [...scores.values()];
  const lowest = Math.min(...values);
  const range = Math.max(...values) - lowest;
  return new Map([...scores].map(([id, score]) => [id, range === 0 ? 1 : (score - lowest) / range]));
}

/**
 * Fuses dense and sparse results by a weighted sum of min-max scaled scores; what a list does not have counts 0 there.
 * Rank fusion would let a weak dense model pull a good BM25 ranking down, a weight does not.
 * Source: Bruch et al., An Analysis of Fusion Functions for Hybrid Retrieval (2023).
 * @param denseWeight 0 (only sparse) to 1 (only dense).
 */
export function fuse(dense: Scores, sparse: Scores, denseWeight: number): Fused[] {
  const scaledDense = minMaxScaled(dense);
  const scaledSparse = minMaxScaled(sparse);
  const ids = new Set([...dense.keys(), ...sparse.keys()]);
  return [...ids]
    .map((id) => ({
      id,
      score: denseWeight * (scaledDense.get(id) ?? 0) + (1 - denseWeight) * (scaledSparse.get(id) ?? 0),
    }))
    .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
}

const DENSE_WEIGHT_OF_MODEL: Readonly<Record<string, number>> = {
  'local-embedding': 0.15,
  'local-hashing-embedding': 0.15,
};
const DENSE_WEIGHT_OF_STRONG_MODELS = 0.6;

/** How far the dense part leads with an embedding model: as the catalog says, else as measured; strong hosted models lead. */
export function denseWeightOf(embeddingModel: string, configured?: number): number {
  return configured ?? DENSE_WEIGHT_OF_MODEL[embeddingModel] ?? DENSE_WEIGHT_OF_STRONG_MODELS;
}
