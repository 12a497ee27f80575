import { Documents, type ItemObject, type PackageCollection, withLinearTime } from './cosmosdb-server.ts';
import { isWithin, type PartitionKey, partitionKeyOf, partitionName } from './partition-key.ts';

/** What the journal keeps about documents; `ridCount` keeps resource ids unique over a restart. */
export type DocumentChange =
  | { type: 'put'; collection: string; ridCount: number; document: ItemObject }
  | { type: 'delete'; collection: string; partition: string; id: string };

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
  const uniquePaths = (collection.read().uniqueKeyPolicy?.uniqueKeys ?? []).flatMap((key) => key.paths);
  const partitions = new Map<string, PackageCollection>();
  let ridCount = 0;

  /** The package's store of documents, told to share resource ids and compiled queries, and to report its changes. */
  class PartitionDocuments extends Documents {
    readonly name: string;
    constructor(name: string) {
      super(collection, ['/id'], uniquePaths);
      this.name = name;
    }
    override _rid(): string {
      ridCount += 1;
      return super._rid(ridCount);
    }
    override _getQuery(sql: string) {
      return collection.documents._getQuery(sql);
    }
    override _set(document: ItemObject): ItemObject {
      record({ type: 'put', collection: rid, ridCount, document });
      return super._set(document);
    }
    override delete(id: string, partition: unknown): void {
      super.delete(id, partition);
      record({ type: 'delete', collection: rid, partition: this.name, id });
    }
  }

  function openPartition(name: string): PackageCollection {
    const known = partitions.get(name);
    if (known) return known;
    const documents = new PartitionDocuments(name);
    const opened = Object.assign(Object.create(collection) as PackageCollection, {
      documents,
      document: (id: string) => documents._item('/id', id, id),
    });
    partitions.set(name, opened);
    return opened;
  }

  function documentsWithin(prefix: PartitionKey): ItemObject[] {
    const whole = prefix.length === paths.length ? partitions.get(partitionName(prefix)) : undefined;
    const chosen = whole ? [whole] : [...partitions].filter(([name]) => isWithin(name, prefix)).map(([, one]) => one);
    return chosen.flatMap((one) => [...one.documents._data.values()].map((item) => item.read()));
  }

  return {
    rid,
    paths,
    inPartition(key, operate) {
      const name = partitionName(key);
      const partition = openPartition(name);
      try {
        return operate(partition);
      } finally {
        if (partition.documents._data.size === 0) partitions.delete(name);
      }
    },
    query(prefix, query, page) {
      const found = documentsWithin(prefix);
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
        openPartition(change.partition).documents.delete(change.id, change.id);
        return;
      }
      ridCount = Math.max(ridCount, change.ridCount);
      openPartition(partitionName(partitionKeyOf(change.document, paths))).documents._set(change.document);
    },
    *snapshot() {
      for (const document of documentsWithin([])) yield { type: 'put', collection: rid, ridCount, document };
    },
  };
}
