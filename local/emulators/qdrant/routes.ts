import type { Collection } from './collection.ts';
import { describeCollection } from './collection-info.ts';
import { CollectionSettings } from './collection-schema.ts';
import type { Collections } from './collections.ts';
import { formatError, notFound, wrongInput } from './errors.ts';
import { facet } from './facet.ts';
import { matchingSlots } from './filter.ts';
import { parseJsonPath } from './json-path.ts';
import type { Operation } from './operations.ts';
import { readPathPointId } from './point-id.ts';
import { recordOf, scoredPointOf } from './point-output.ts';
import { runQuery } from './query.ts';
import * as schemas from './request-schemas.ts';
import { scroll } from './scroll.ts';
import { resolveUpdate } from './update-requests.ts';

/** A request after its path matched a route. */
export interface Call {
  readonly collections: Collections;
  /** The values of the `:name` segments, decoded. */
  readonly path: Readonly<Record<string, string>>;
  /** Whether the caller asked to wait; every change is done before its answer anyway. */
  readonly wait: boolean;
  readonly body: unknown;
}

/** Answers a call with the `result` of Qdrant's envelope. */
export type Handler = (call: Call) => unknown;

const target = ({ collections, path }: Call): Collection => collections.get(path.collection ?? '');

function commit(call: Call, operation: Operation): { operation_id: number; status: string } {
  return { operation_id: target(call).commit(operation), status: call.wait ? 'completed' : 'acknowledged' };
}

const update =
  (read: (body: unknown) => schemas.UpdateOperation): Handler =>
  (call) =>
    commit(call, resolveUpdate(target(call), read(call.body)));

function createIndex(call: Call): unknown {
  const { field_name: field, field_schema: schema } = schemas.readBody(schemas.CreateIndexRequest, call.body);
  if (!parseJsonPath(field)) throw formatError(`Invalid json path: '${field}'`);
  const type = typeof schema === 'string' ? schema : schema.type;
  const parameters = typeof schema === 'string' ? undefined : schema;
  return commit(call, { kind: 'create_index', field, schema: { type, parameters } });
}

function retrieve(call: Call): unknown {
  const collection = target(call);
  const request = schemas.readBody(schemas.RetrieveRequest, call.body);
  const slots = request.ids.map((id) => collection.store.slotOf(id)).filter((slot) => slot !== undefined);
  return slots.map((slot) => recordOf(collection, slot, request));
}

function getPoint(call: Call): unknown {
  const collection = target(call);
  const id = readPathPointId(call.path.id ?? '');
  if (id === undefined) throw wrongInput(`Can not recognize "${call.path.id}" as point id`);
  const slot = collection.store.slotOf(id);
  if (slot === undefined) throw notFound(`Point with id ${id} does not exists!`);
  return recordOf(collection, slot, { with_payload: true, with_vector: true });
}

function query(collection: Collection, request: schemas.QueryRequest): unknown {
  return { points: runQuery(collection, request).map((hit) => scoredPointOf(collection, hit, request)) };
}

/** Every route below the root: method and path to handler. The first that fits answers. */
export const routes: Readonly<Record<string, Handler>> = {
  'GET /collections': ({ collections }) => ({ collections: collections.names().map((name) => ({ name })) }),
  'GET /aliases': ({ collections }) => ({ aliases: collections.aliases() }),
  'POST /collections/aliases': ({ collections, body }) => {
    collections.changeAliases(schemas.readBody(schemas.AliasRequest, body).actions);
    return true;
  },
  'GET /collections/:collection/aliases': (call) => {
    target(call);
    return { aliases: call.collections.aliases(call.path.collection) };
  },
  'GET /collections/:collection/exists': ({ collections, path }) => ({
    exists: collections.has(path.collection ?? ''),
  }),
  'GET /collections/:collection': (call) => describeCollection(target(call)),
  'PUT /collections/:collection': ({ collections, path, body }) => {
    collections.create(path.collection ?? '', schemas.readBody(CollectionSettings, body ?? {}));
    return true;
  },
  'DELETE /collections/:collection': ({ collections, path }) => collections.delete(path.collection ?? ''),
  'PUT /collections/:collection/index': createIndex,
  'DELETE /collections/:collection/index/:field': (call) =>
    commit(call, { kind: 'delete_index', field: call.path.field ?? '' }),

  'PUT /collections/:collection/points': update((body) => ({ upsert: schemas.readBody(schemas.UpsertRequest, body) })),
  'POST /collections/:collection/points/delete': update((body) => ({
    delete: schemas.readBody(schemas.Selection, body),
  })),
  'POST /collections/:collection/points/payload': update((body) => ({
    set_payload: schemas.readBody(schemas.SetPayloadRequest, body),
  })),
  'PUT /collections/:collection/points/payload': update((body) => ({
    overwrite_payload: schemas.readBody(schemas.SetPayloadRequest, body),
  })),
  'POST /collections/:collection/points/payload/delete': update((body) => ({
    delete_payload: schemas.readBody(schemas.DeletePayloadRequest, body),
  })),
  'POST /collections/:collection/points/payload/clear': update((body) => ({
    clear_payload: schemas.readBody(schemas.Selection, body),
  })),
  'PUT /collections/:collection/points/vectors': update((body) => ({
    update_vectors: schemas.readBody(schemas.UpdateVectorsRequest, body),
  })),
  'POST /collections/:collection/points/vectors/delete': update((body) => ({
    delete_vectors: schemas.readBody(schemas.DeleteVectorsRequest, body),
  })),
  'POST /collections/:collection/points/batch': (call) => {
    const collection = target(call);
    const { operations } = schemas.readBody(schemas.BatchUpdateRequest, call.body);
    return operations.map((operation) => commit(call, resolveUpdate(collection, operation)));
  },

  'POST /collections/:collection/points': retrieve,
  'GET /collections/:collection/points/:id': getPoint,
  'POST /collections/:collection/points/scroll': (call) =>
    scroll(target(call), schemas.readBody(schemas.ScrollRequest, call.body ?? {})),
  'POST /collections/:collection/points/count': (call) => {
    const { filter } = schemas.readBody(schemas.CountRequest, call.body ?? {});
    return { count: matchingSlots(filter, target(call).store).length };
  },
  'POST /collections/:collection/facet': (call) =>
    facet(target(call), schemas.readBody(schemas.FacetRequest, call.body ?? {})),
  'POST /collections/:collection/points/query': (call) =>
    query(target(call), schemas.readBody(schemas.QueryRequest, call.body ?? {})),
  'POST /collections/:collection/points/query/batch': (call) => {
    const collection = target(call);
    return schemas.readBody(schemas.BatchQueryRequest, call.body).searches.map((request) => query(collection, request));
  },
};
