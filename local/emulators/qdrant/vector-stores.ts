import type { VectorSchema } from './collection-schema.ts';
import { createDenseVectors, type DenseVectors } from './dense-vectors.ts';
import { createSparseVectors, type SparseVectors } from './sparse-vectors.ts';
import type { NamedVectors, StoredVector } from './vector-input.ts';

/** The vectors of all points, one store for each name. */
export interface VectorStores {
  readonly dense: ReadonlyMap<string, DenseVectors>;
  readonly sparse: ReadonlyMap<string, SparseVectors>;
  at(slot: number): Record<string, StoredVector>;
  write(slot: number, vectors: NamedVectors): void;
  /** Removes the vectors of the given names, or all of them. */
  remove(slot: number, names?: readonly string[]): void;
}

/** Creates an empty store for every vector name of a schema. */
export function createVectorStores(schema: VectorSchema): VectorStores {
  const dense = new Map([...schema.dense].map(([name, it]) => [name, createDenseVectors(it.size, it.distance)]));
  const sparse = new Map([...schema.sparse].map(([name, it]) => [name, createSparseVectors(it.modifier)]));
  const stores = [...dense, ...sparse];
  return {
    dense,
    sparse,
    at(slot) {
      const found: Record<string, StoredVector> = {};
      for (const [name, store] of stores) {
        const vector = store.get(slot);
        if (vector) found[name] = vector;
      }
      return found;
    },
    write(slot, vectors) {
      for (const [name, vector] of Object.entries(vectors)) {
        if (vector instanceof Float32Array) dense.get(name)?.set(slot, vector);
        else sparse.get(name)?.set(slot, vector);
      }
    },
    remove(slot, names) {
      for (const [name, store] of stores) if (!names || names.includes(name)) store.remove(slot);
    },
  };
}
