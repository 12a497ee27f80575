import type { SparseVector } from '../knowledge/vector-store.ts';

/** A term of a chunk with the weight that is stored for it. */
export interface WeightedTerm {
  readonly dimension: number;
  readonly term: string;
  readonly weight: number;
}

/** The terms of a chunk, the heaviest first. @param names what its dimensions stand for */
export function weightedTerms(names: ReadonlyMap<number, string>, { indices, values }: SparseVector): WeightedTerm[] {
  return indices
    .flatMap((dimension, position) => {
      const term = names.get(dimension);
      return term === undefined ? [] : [{ dimension, term, weight: values[position] ?? 0 }];
    })
    .sort((one, other) => other.weight - one.weight || (one.term < other.term ? -1 : 1));
}
