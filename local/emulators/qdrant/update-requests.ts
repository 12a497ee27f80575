import type { z } from 'zod';
import type { Collection } from './collection.ts';
import { badRequest, formatError, notFound, wrongInput } from './errors.ts';
import { compilePointFilter, matchingSlots } from './filter.ts';
import { parseJsonPath } from './json-path.ts';
import type { NewPoint, Operation } from './operations.ts';
import type { PointId } from './point-id.ts';
import type {
  DeletePayloadRequest,
  Selection,
  SetPayloadRequest,
  UpdateOperation,
  UpsertRequest,
} from './request-schemas.ts';
import { readNamedVectors } from './vector-input.ts';

/** Checks an update against the collection and turns its filters into ids. */
export function resolveUpdate(collection: Collection, update: UpdateOperation): Operation {
  if ('upsert' in update) return resolveUpsert(collection, update.upsert);
  if ('delete' in update) return { kind: 'delete', ids: select(collection, update.delete) };
  if ('set_payload' in update) return resolveSetPayload(collection, update.set_payload);
  if ('overwrite_payload' in update) {
    const { key, payload } = update.overwrite_payload;
    if (key) throw badRequest('Overwriting below a `key` is not imitated by this local server');
    return { kind: 'replace_payload', ids: selectKnown(collection, update.overwrite_payload), payload };
  }
  if ('delete_payload' in update) return resolveDeletePayload(collection, update.delete_payload);
  if ('clear_payload' in update) {
    return { kind: 'replace_payload', ids: selectKnown(collection, update.clear_payload), payload: {} };
  }
  if ('update_vectors' in update) {
    const points = update.update_vectors.points.map(({ id, vector }) => ({
      id: known(collection, id),
      vectors: readNamedVectors(vector, collection.schema),
    }));
    return { kind: 'set_vectors', points };
  }
  const names = update.delete_vectors.vector;
  for (const name of names) {
    if (!collection.schema.dense.has(name) && !collection.schema.sparse.has(name)) {
      throw wrongInput(`Not existing vector name error: ${name}`);
    }
  }
  return { kind: 'delete_vectors', ids: selectKnown(collection, update.delete_vectors), names };
}

function resolveUpsert(collection: Collection, request: UpsertRequest): Operation {
  const inputs = 'points' in request ? request.points : rowsOf(request.batch);
  const points = inputs.map((input): NewPoint => {
    if (input.vector === undefined) throw formatError('missing field `vector`');
    return { id: input.id, vectors: readNamedVectors(input.vector, collection.schema), payload: input.payload ?? {} };
  });
  const { store } = collection;
  const mayReplace = compilePointFilter(request.update_filter, store);
  const allowed = points.filter(({ id }) => {
    const slot = store.slotOf(id);
    return slot === undefined || mayReplace(slot);
  });
  return { kind: 'upsert', points: allowed };
}

type Columns = Extract<UpsertRequest, { batch: unknown }>['batch'];
type Row = Extract<UpsertRequest, { points: unknown }>['points'][number];

function rowsOf({ ids, vectors, payloads }: Columns): Row[] {
  const columns = Array.isArray(vectors) ? [vectors] : Object.values(vectors);
  if ([...columns, ...(payloads ? [payloads] : [])].some((column) => column.length !== ids.length)) {
    throw badRequest(`number of ids (${ids.length}) must match the number of vectors and payloads`);
  }
  const vectorAt = (row: number): unknown =>
    Array.isArray(vectors)
      ? vectors[row]
      : Object.fromEntries(Object.entries(vectors).map(([name, column]) => [name, column[row]]));
  return ids.map((id, row) => ({ id, vector: vectorAt(row), payload: payloads?.[row] }));
}

function resolveSetPayload(collection: Collection, request: z.infer<typeof SetPayloadRequest>): Operation {
  const path = request.key ?? '';
  if (path !== '') checkPath(path);
  return { kind: 'merge_payload', ids: selectKnown(collection, request), payload: request.payload, path };
}

function resolveDeletePayload(collection: Collection, request: z.infer<typeof DeletePayloadRequest>): Operation {
  request.keys.forEach(checkPath);
  return { kind: 'delete_payload', ids: selectKnown(collection, request), paths: request.keys };
}

function checkPath(path: string): void {
  if (!parseJsonPath(path)) throw formatError(`Invalid json path: '${path}'`);
}

function select({ store }: Collection, { points, filter }: Selection): PointId[] {
  return points ?? matchingSlots(filter, store).map((slot) => store.at(slot).id);
}

// Deleting what is not there is fine; changing it is not.
const selectKnown = (collection: Collection, selection: Selection): PointId[] =>
  select(collection, selection).map((id) => known(collection, id));

function known(collection: Collection, id: PointId): PointId {
  if (collection.store.slotOf(id) === undefined) throw notFound(`No point with id ${id} found`);
  return id;
}
