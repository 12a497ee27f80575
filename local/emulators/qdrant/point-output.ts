import type { Collection } from './collection.ts';
import { UNNAMED_VECTOR } from './collection-schema.ts';
import { shortestFloat32 } from './float32.ts';
import { type JsonPath, mergeAt, type Payload, removeAt, valuesAt } from './json-path.ts';
import type { Hit } from './ranking.ts';
import type { WithPayload, WithVector } from './request-schemas.ts';
import type { StoredVector } from './vector-input.ts';

/** What of a point to show. */
export interface Selectors {
  readonly with_payload?: WithPayload;
  readonly with_vector?: WithVector;
}

/** A stored point as `retrieve` and `scroll` show it; payload shown unless refused. */
export function recordOf(collection: Collection, slot: number, selectors: Selectors): Record<string, unknown> {
  const { id, payload } = collection.store.at(slot);
  return {
    id,
    ...payloadOf(payload, selectors.with_payload ?? true),
    ...vectorOf(collection, slot, selectors.with_vector ?? false),
  };
}

/** A found point as `query` shows it; payload hidden unless asked for. */
export function scoredPointOf(collection: Collection, hit: Hit, selectors: Selectors): Record<string, unknown> {
  const record = recordOf(collection, hit.slot, { ...selectors, with_payload: selectors.with_payload ?? false });
  return { ...record, version: collection.store.at(hit.slot).version, score: shortestFloat32(hit.score) };
}

function payloadOf(payload: Payload, selector: NonNullable<WithPayload>): { payload?: Payload } {
  if (selector === false) return {};
  if (selector === true) return { payload };
  if (Array.isArray(selector)) return { payload: including(payload, selector) };
  return {
    payload: 'include' in selector ? including(payload, selector.include) : excluding(payload, selector.exclude),
  };
}

function including(payload: Payload, paths: readonly JsonPath[]): Payload {
  const shown: Payload = {};
  for (const path of paths) {
    const last = path.at(-1);
    const [value] = valuesAt(path, payload);
    // Picking inside arrays would have to keep their shape: the whole top-level field is shown instead.
    if (typeof last === 'string' && path.every((step) => typeof step === 'string')) {
      if (value !== undefined) mergeAt(path.slice(0, -1), shown, { [last]: value });
    } else if (typeof path[0] === 'string' && path[0] in payload) shown[path[0]] = payload[path[0]];
  }
  return shown;
}

function excluding(payload: Payload, paths: readonly JsonPath[]): Payload {
  const shown = structuredClone(payload);
  for (const path of paths) removeAt(path, shown);
  return shown;
}

function vectorOf(
  { store, schema }: Collection,
  slot: number,
  selector: NonNullable<WithVector>,
): { vector?: unknown } {
  if (selector === false) return {};
  const all = store.vectors.at(slot);
  const isUnnamed = schema.dense.has(UNNAMED_VECTOR) && schema.sparse.size === 0;
  if (isUnnamed) return { vector: shownVector(all[UNNAMED_VECTOR]) };
  const names = selector === true ? Object.keys(all) : selector.filter((name) => name in all);
  return { vector: Object.fromEntries(names.map((name) => [name, shownVector(all[name])])) };
}

function shownVector(vector: StoredVector | undefined): unknown {
  if (!vector) return undefined;
  const shown = (values: Float32Array): number[] => Array.from(values, shortestFloat32);
  if (vector instanceof Float32Array) return shown(vector);
  return { indices: Array.from(vector.indices), values: shown(vector.values) };
}
