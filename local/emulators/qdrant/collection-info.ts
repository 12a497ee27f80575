import type { Collection } from './collection.ts';
import { valuesAt } from './json-path.ts';

const HNSW_DEFAULTS = {
  m: 16,
  ef_construct: 100,
  full_scan_threshold: 10_000,
  max_indexing_threads: 0,
  on_disk: false,
};
const OPTIMIZER_DEFAULTS = {
  deleted_threshold: 0.2,
  vacuum_min_vector_number: 1000,
  default_segment_number: 0,
  flush_interval_sec: 5,
};

/** Describes a collection as `GET /collections/{name}` does; storage settings are shown as they were given. */
export function describeCollection({ settings, store }: Collection): Record<string, unknown> {
  return {
    status: 'green',
    optimizer_status: 'ok',
    indexed_vectors_count: 0,
    points_count: store.size(),
    segments_count: 1,
    config: {
      params: {
        vectors: settings.vectors ?? {},
        shard_number: settings.shard_number ?? 1,
        replication_factor: settings.replication_factor ?? 1,
        write_consistency_factor: settings.write_consistency_factor ?? 1,
        on_disk_payload: settings.on_disk_payload ?? true,
        ...(settings.sparse_vectors ? { sparse_vectors: settings.sparse_vectors } : {}),
      },
      hnsw_config: { ...HNSW_DEFAULTS, ...settings.hnsw_config },
      optimizer_config: { ...OPTIMIZER_DEFAULTS, ...settings.optimizers_config },
      ...(settings.metadata ? { metadata: settings.metadata } : {}),
    },
    payload_schema: describeIndexes(store),
  };
}

function describeIndexes(store: Collection['store']): Record<string, unknown> {
  const described = [...store.indexes.values()].map(({ field, path, index }) => {
    let points = 0;
    for (const slot of store.slots()) if (valuesAt(path, store.at(slot).payload).length > 0) points += 1;
    const { type, parameters } = index.schema;
    return [field, { data_type: type, ...(parameters ? { params: parameters } : {}), points }];
  });
  return Object.fromEntries(described);
}
