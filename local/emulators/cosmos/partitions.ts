import { Documents, type ItemObject, type PackageCollection } from './cosmosdb-server.ts';
import { isWithin, type PartitionKey, partitionName } from './partition-key.ts';

/** What the journal keeps about documents; `ridCount` keeps resource ids unique over a restart. */
export type DocumentChange =
  | { type: 'put'; collection: string; ridCount: number; document: ItemObject }
  | { type: 'delete'; collection: string; partition: string; id: string };

/** The partitions of one collection, each in the form in which the package expects a whole collection. */
export interface Partitions {
  open(name: string): PackageCollection;
  /** Forgets a partition in which nothing is left. */
  release(name: string): void;
  documentsWithin(prefix: PartitionKey): ItemObject[];
  ridCount(): number;
  /** Continues to count resource ids from a stored number. */
  resumeRidCount(stored: number): void;
}

/** Makes the partitions of a collection, which share its resource ids and compiled queries and tell `record` what changes. */
export function createPartitions(collection: PackageCollection, record: (change: DocumentChange) => void): Partitions {
  const { _rid: rid, uniqueKeyPolicy } = collection.read();
  const uniquePaths = uniqueKeyPolicy?.uniqueKeys.flatMap((key) => key.paths);
  const partitions = new Map<string, PackageCollection>();
  let ridCount = 0;

  /** The package's own store of documents. */
  class PartitionDocuments extends Documents {
    name = '';
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

  return {
    open(name) {
      const known = partitions.get(name);
      if (known) return known;
      const documents = Object.assign(new PartitionDocuments(collection, ['/id'], uniquePaths), { name });
      const opened = asCollection(collection, documents);
      partitions.set(name, opened);
      return opened;
    },
    release(name) {
      if (partitions.get(name)?.documents._data.size === 0) partitions.delete(name);
    },
    documentsWithin(prefix) {
      const whole = partitions.get(partitionName(prefix));
      const chosen = whole ? [whole] : [...partitions].filter(([name]) => isWithin(name, prefix)).map(([, one]) => one);
      return chosen.flatMap((one) => [...one.documents._data.values()].map((item) => item.read()));
    },
    ridCount: () => ridCount,
    resumeRidCount(stored) {
      ridCount = Math.max(ridCount, stored);
    },
  };
}

function asCollection(collection: PackageCollection, documents: PackageCollection['documents']): PackageCollection {
  const document = (id: string) => documents._item('/id', id, id);
  return Object.assign(Object.create(collection), { documents, document });
}
