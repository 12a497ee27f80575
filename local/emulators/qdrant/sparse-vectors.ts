import { addToPosting, type Posting, removeFromPosting } from './posting.ts';

/** A vector given by its non-zero dimensions; both arrays have the same length. */
export interface SparseVector {
  readonly indices: Uint32Array;
  readonly values: Float32Array;
}

/** What the stored values are multiplied with when they are scored. */
export type SparseModifier = 'none' | 'idf';

/** All sparse vectors of one name, as an inverted index from dimension to the slots that have it. */
export interface SparseVectors {
  readonly modifier: SparseModifier;
  set(slot: number, vector: SparseVector): void;
  remove(slot: number): void;
  get(slot: number): SparseVector | undefined;
  /** Scores slots against a query, in their order; NaN where they share no dimension with it. */
  score(query: SparseVector, slots: readonly number[]): Float64Array;
}

/** Creates an empty inverted index. */
export function createSparseVectors(modifier: SparseModifier): SparseVectors {
  const vectors = new Map<number, SparseVector>();
  const postings = new Map<number, Posting>();
  let slotCount = 0;

  const remove = (slot: number): void => {
    for (const index of vectors.get(slot)?.indices ?? []) {
      const posting = postings.get(index);
      if (!posting) continue;
      removeFromPosting(posting, slot);
      if (posting.slots.length === 0) postings.delete(index);
    }
    vectors.delete(slot);
  };

  return {
    modifier,
    remove,
    get: (slot) => vectors.get(slot),
    set(slot, vector) {
      remove(slot);
      vectors.set(slot, vector);
      slotCount = Math.max(slotCount, slot + 1);
      vector.indices.forEach((index, position) => {
        const posting = postings.get(index) ?? { slots: [], values: [] };
        addToPosting(posting, slot, vector.values[position] ?? 0);
        postings.set(index, posting);
      });
    },
    score(query, slots) {
      const scores = new Float64Array(slotCount).fill(Number.NaN);
      query.indices.forEach((index, position) => {
        const posting = postings.get(index);
        if (!posting) return;
        const rarity = modifier === 'idf' ? inverseDocumentFrequency(vectors.size, posting.slots.length) : 1;
        const weight = (query.values[position] ?? 0) * rarity;
        accumulate(posting, weight, scores);
      });
      return Float64Array.from(slots, (slot) => scores[slot] ?? Number.NaN);
    },
  };
}

function accumulate({ slots, values }: Posting, weight: number, scores: Float64Array): void {
  for (let index = 0; index < slots.length; index += 1) {
    const slot = slots[index] as number;
    const before = scores[slot] as number;
    scores[slot] = (Number.isNaN(before) ? 0 : before) + weight * (values[index] as number);
  }
}

/**
 * Qdrant's `fancy_idf`. `documents` counts the points that have a vector of this name, whatever the filter says.
 * Source: qdrant `lib/segment/src/data_types/query_context.rs`.
 */
const inverseDocumentFrequency = (documents: number, withTerm: number): number =>
  Math.log((documents - withTerm + 0.5) / (withTerm + 0.5) + 1);
