import { type ItemObject, type PackageCollection, withLinearTime } from './cosmosdb-server.ts';
import { type PartitionKey, partitionKeyOf, partitionName } from './partition-key.ts';
import { createPartitions, type DocumentChange } from './partitions.ts';

/** The documents of one collection, kept apart by partition key. */
export interface CollectionDocuments {
  /** The collection's own resource id. */
  readonly rid: string;
  /** The partition key's paths, outermost first. */
  readonly paths: readonly string[];
  /** Runs an operation on one partition, which has the form in which the package expects a whole collection. */
  inPartition<Result>(key: PartitionKey, operate: (partition: PackageCollection) => Result): Result;
  /** Runs a query over the partitions under `prefix` (all of them when it is empty). */
  query(prefix: PartitionKey, query: Query, page: Page): QueryResult;
  restore(change: DocumentChange): void;
  snapshot(): Iterable<DocumentChange>;
}

export interface Query {
  readonly query: string;
  readonly parameters?: { name: string; value: unknown }[];
}

export interface Page {
  readonly maxItemCount?: number | null;
  readonly continuation?: { token: string } | null;
}

export interface QueryResult {
  readonly result: unknown[];
  readonly continuation?: unknown;
}

/**
 * Splits a collection of the package by partition key, because the package itself looks at the first path only and lets
 * a query see every partition. Changes are told to `record`; `readCollection` answers the collection's present settings.
 */
export function createCollectionDocuments(
  collection: PackageCollection,
  readCollection: () => ItemObject,
  record: (change: DocumentChange) => void,
): CollectionDocuments {
  const rid = collection.read()._rid;
  const paths = collection.read().partitionKey?.paths ?? ['/_partitionKey'];
  const partitions = createPartitions(collection, record);
  return {
    rid,
    paths,
    inPartition(key, operate) {
      const name = partitionName(key);
      try {
        return operate(partitions.open(name));
      } finally {
        partitions.release(name);
      }
    },
    query(prefix, query, page) {
      const found = partitions.documentsWithin(prefix);
      // A continuation token is a position in the order of resource ids.
      if (page.maxItemCount || page.continuation) found.sort((a, b) => (a._rid < b._rid ? -1 : 1));
      return withLinearTime(collection.documents._getQuery(query.query)).exec(found, {
        parameters: query.parameters,
        maxItemCount: page.maxItemCount ?? undefined,
        continuation: page.continuation ?? undefined,
        udf: collection.documents._userDefinedFunctions(),
        compositeIndexes: (readCollection().indexingPolicy?.compositeIndexes ?? []).map((index) =>
          index.map(({ path, order = 'ascending' }) => ({ path, order })),
        ),
      });
    },
    restore(change) {
      if (change.type === 'delete') {
        partitions.open(change.partition).documents.delete(change.id, change.id);
        partitions.release(change.partition);
        return;
      }
      partitions.resumeRidCount(change.ridCount);
      partitions.open(partitionName(partitionKeyOf(change.document, paths))).documents._set(change.document);
    },
    *snapshot() {
      const ridCount = partitions.ridCount();
      for (const document of partitions.documentsWithin([])) yield { type: 'put', collection: rid, ridCount, document };
    },
  };
}
