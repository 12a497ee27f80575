import { z } from 'zod';
import type { Distance } from './dense-vectors.ts';
import type { SparseModifier } from './sparse-vectors.ts';

/** Qdrant calls the vector of a collection with a single unnamed one by the empty name. */
export const UNNAMED_VECTOR = '';

const MAX_VECTOR_SIZE = 65_536;

const DenseParams = z.looseObject({
  size: z.int().min(1).max(MAX_VECTOR_SIZE),
  distance: z.enum(['Cosine', 'Dot', 'Euclid']),
  // Not imitated, so refused instead of answered wrongly.
  multivector_config: z.null().optional(),
  datatype: z.literal('float32').nullish(),
});

const SparseParams = z.looseObject({ modifier: z.enum(['none', 'idf']).nullish() });

const Settings = z.record(z.string(), z.unknown()).nullish();

/** The body of `PUT /collections/{name}`; storage settings are kept and shown, and change nothing. */
export const CollectionSettings = z.object({
  vectors: z.union([DenseParams, z.record(z.string(), DenseParams)]).nullish(),
  sparse_vectors: z.record(z.string(), SparseParams).nullish(),
  on_disk_payload: z.boolean().nullish(),
  shard_number: z.int().min(1).nullish(),
  replication_factor: z.int().min(1).nullish(),
  write_consistency_factor: z.int().min(1).nullish(),
  hnsw_config: Settings,
  optimizers_config: Settings,
  metadata: Settings,
});
export type CollectionSettings = z.infer<typeof CollectionSettings>;

/** The vectors that a collection's points may have, by name. */
export interface VectorSchema {
  readonly dense: ReadonlyMap<string, { readonly size: number; readonly distance: Distance }>;
  readonly sparse: ReadonlyMap<string, { readonly modifier: SparseModifier }>;
}

/** Lists the vector names that a collection's settings declare. */
export function vectorSchemaOf(settings: CollectionSettings): VectorSchema {
  const vectors = settings.vectors ?? {};
  const single = DenseParams.safeParse(vectors);
  const named = single.success ? { [UNNAMED_VECTOR]: single.data } : z.record(z.string(), DenseParams).parse(vectors);
  return {
    dense: new Map(Object.entries(named)),
    sparse: new Map(
      Object.entries(settings.sparse_vectors ?? {}).map(([name, { modifier }]) => [
        name,
        { modifier: modifier ?? 'none' },
      ]),
    ),
  };
}
