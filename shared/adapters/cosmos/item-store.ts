import type { Container, PatchOperation, Resource } from '@azure/cosmos';
import type { Page, PageQuery } from '../../contracts/paging.ts';
import { withDeadline } from '../../deadline.ts';
import type { Versioned } from '../../versioned.ts';
import type { Cosmos } from './client.ts';
import type { ContainerName } from './containers.ts';
import { unwrapContinuation, wrapContinuation, wrongContinuation } from './continuation.ts';
import { isMissingItem, toAppError } from './errors.ts';

/** The whole partition key, outermost first. */
export type Partition = readonly string[];

/** Values from outside are parameters, never parts of the query. */
export interface ParameterizedQuery {
  readonly query: string;
  readonly parameters: { name: string; value: string | number | null | string[] }[];
}

export interface Item {
  readonly id: string;
}

/** One container: each call is one request, names its partition and fails with an AppError only. */
export interface ItemStore<T extends Item> {
  read(partition: Partition, id: string): Promise<Versioned<T> | null>;
  /** The item carries its partition. @throws AppError `conflict` when the id is taken. */
  create(item: T): Promise<Versioned<T>>;
  /** Creates the item, or replaces whatever has its id. */
  upsert(item: T): Promise<void>;
  /** null when the item is gone. @throws AppError `precondition_failed` when it is no longer what `etag` named. */
  replace(partition: Partition, item: T, etag: string): Promise<Versioned<T> | null>;
  /** null when the item is gone. */
  patch(partition: Partition, id: string, operations: PatchOperation[]): Promise<T | null>;
  /** Does nothing when the item is gone already. @throws AppError `precondition_failed` when it is not what `etag` named. */
  remove(partition: Partition, id: string, etag?: string): Promise<void>;
  /** @throws AppError `bad_request` for a continuation that is not from this query. */
  page(partition: Partition, query: string | ParameterizedQuery, page: PageQuery): Promise<Page<T>>;
  /** The first `limit` results; more than one request only when they do not fit into one answer (4 MB). */
  first(partition: Partition, query: string | ParameterizedQuery, limit: number): Promise<T[]>;
  /** How many items the partition holds. */
  count(partition: Partition): Promise<number>;
  /** The number that an aggregate gives; 0 of nothing. */
  total(partition: Partition, query: string | ParameterizedQuery): Promise<number>;
  /** What a query for the greatest of some texts says; undefined when there are none. */
  latest(partition: Partition, query: ParameterizedQuery): Promise<string | undefined>;
}

/** The SDK bounds one attempt; this bounds the call with all that the SDK tries again. */
const CALL_TIMEOUT_MILLISECONDS = 15_000;
/** In base64 still below what a `continuation` may be long. */
const MAX_CONTINUATION_KILOBYTES = 4;
/** More in one answer the service does not give. */
const MAX_PAGE_ITEMS = 1_000;

/** The option by which the SDK hears that a call has taken too long. */
interface Deadline {
  readonly abortSignal: AbortSignal;
}

const ifMatch = (etag: string) => ({ accessCondition: { type: 'IfMatch', condition: etag } });

type Stored<T> = T & Partial<Resource> & { readonly _attachments?: string };

function withoutSystemFields<T extends Item>({ _rid, _self, _etag, _attachments, _ts, ...item }: Stored<T>): T {
  return item as unknown as T;
}

function versioned<T extends Item>(resource: Stored<T> | undefined): Versioned<T> {
  if (!resource) throw new TypeError('Cosmos DB answered a write without its item');
  return { value: withoutSystemFields<T>(resource), etag: resource._etag ?? '' };
}

export function createItemStore<T extends Item>(cosmos: Cosmos, name: ContainerName): ItemStore<T> {
  async function run<R>(operate: (container: Container, deadline: Deadline) => Promise<R>): Promise<R> {
    try {
      const container = await cosmos.container(name);
      return await withDeadline(CALL_TIMEOUT_MILLISECONDS, (abortSignal) => operate(container, { abortSignal }));
    } catch (error) {
      throw toAppError(error);
    }
  }

  async function unlessMissing<R>(
    operate: (container: Container, deadline: Deadline) => Promise<R>,
  ): Promise<R | null> {
    return run((container, deadline) =>
      operate(container, deadline).catch((error: unknown) => {
        if (isMissingItem(error)) return null;
        throw error;
      }),
    );
  }

  const item = (container: Container, partition: Partition, id: string) => container.item(id, [...partition]);

  return {
    read: (partition, id) =>
      unlessMissing(async (container, deadline) => {
        const { resource, statusCode, substatus } = await item(container, partition, id).read<T>(deadline);
        // The SDK does not throw a 404 here.
        if (statusCode === 404) throw Object.assign(new Error('not found'), { code: 404, substatus });
        return versioned<T>(resource);
      }),
    create: (value) =>
      run(async ({ items }, deadline) => versioned<T>((await items.create<T>(value, deadline)).resource)),
    async upsert(value) {
      await run(({ items }, deadline) => items.upsert<T>(value, deadline));
    },
    replace: (partition, value, etag) =>
      unlessMissing(async (container, deadline) => {
        const options = { ...deadline, ...ifMatch(etag) };
        const { resource } = await item(container, partition, value.id).replace<T>(value, options);
        return versioned<T>(resource);
      }),
    patch: (partition, id, operations) =>
      unlessMissing(async (container, deadline) => {
        const { resource } = await item(container, partition, id).patch<T>(operations, deadline);
        return versioned<T>(resource).value;
      }),
    async remove(partition, id, etag) {
      await unlessMissing((container, deadline) =>
        item(container, partition, id).delete({ ...deadline, ...(etag !== undefined && ifMatch(etag)) }),
      );
    },
    page: (partition, query, { limit, continuation }) => {
      const scope = JSON.stringify([name, partition, query]);
      return run((container, deadline) =>
        readPage<T>(container, { partition, query, scope, limit, ...(continuation && { continuation }), ...deadline }),
      );
    },
    first: (partition, query, limit) =>
      run((container, deadline) => readFirst<T>(container, { partition, query, limit, ...deadline })),
    count: (partition) => run((container, deadline) => addUp(container, partition, COUNT, deadline)),
    total: (partition, query) => run((container, deadline) => addUp(container, partition, query, deadline)),
    latest: (partition, query) =>
      run(async (container, deadline) => {
        const options = { partitionKey: [...partition], ...deadline };
        const { resources } = await container.items.query<unknown>(query, options).fetchAll();
        return resources
          .filter((value) => typeof value === 'string')
          .sort()
          .at(-1);
      }),
  };
}

interface Query extends PageQuery, Deadline {
  readonly partition: Partition;
  readonly query: string | ParameterizedQuery;
}

async function readPage<T extends Item>(container: Container, { scope, ...query }: Query & { scope: string }) {
  const continuationToken = query.continuation && unwrapContinuation(scope, query.continuation);
  const options = {
    partitionKey: [...query.partition],
    maxItemCount: query.limit,
    continuationTokenLimitInKB: MAX_CONTINUATION_KILOBYTES,
    ...(continuationToken ? { continuationToken } : {}),
    abortSignal: query.abortSignal,
  };
  const answer = await container.items
    .query<T>(query.query, options)
    .fetchNext()
    .catch((error: { code?: unknown }) => {
      throw continuationToken && error.code === 400 ? wrongContinuation(error) : error;
    });
  return {
    items: answer.resources.map((resource) => withoutSystemFields<T>(resource)),
    continuation: answer.continuationToken ? wrapContinuation(scope, answer.continuationToken) : null,
  };
}

async function readFirst<T extends Item>(container: Container, asked: Omit<Query, 'continuation'>): Promise<T[]> {
  const { partition, query, limit, abortSignal } = asked;
  const options = { partitionKey: [...partition], maxItemCount: Math.min(limit, MAX_PAGE_ITEMS), abortSignal };
  const iterator = container.items.query<T>(query, options);
  const found: T[] = [];
  do {
    found.push(...(await iterator.fetchNext()).resources);
  } while (iterator.hasMoreResults() && found.length < limit);
  return found.slice(0, limit).map((resource) => withoutSystemFields<T>(resource));
}

const COUNT = 'SELECT VALUE COUNT(1) FROM c';

async function addUp(
  container: Container,
  partition: Partition,
  query: string | ParameterizedQuery,
  deadline: Deadline,
): Promise<number> {
  const options = { partitionKey: [...partition], ...deadline };
  const { resources } = await container.items.query<number>(query, options).fetchAll();
  // A sum over nothing is no number.
  return resources.reduce((sum, part) => sum + (typeof part === 'number' ? part : 0), 0);
}
