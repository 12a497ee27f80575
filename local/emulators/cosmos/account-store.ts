import { join } from 'node:path';
import { openJournal, readJournal } from '../journal.ts';
import { type CollectionDocuments, createCollectionDocuments } from './collection-documents.ts';
import { Account, type ItemObject, type PackageAccount, type PackageCollection } from './cosmosdb-server.ts';
import type { DocumentChange } from './partitions.ts';

interface DatabaseSnapshot {
  readonly data: ItemObject;
  readonly ridCount: number;
  readonly collections: readonly ItemObject[];
}

interface SchemaChange {
  readonly type: 'schema';
  readonly ridCount: number;
  readonly databases: readonly DatabaseSnapshot[];
}

type Change = DocumentChange | SchemaChange;

/** An account with its databases, collections and documents, every change of which is in a journal. */
export interface AccountStore {
  readonly account: PackageAccount;
  /** The documents of a collection, or undefined when the database or the collection does not exist. */
  documentsOf(database: string, collection: string): CollectionDocuments | undefined;
  /** Makes the changes of the request that is being answered durable. */
  save(options: { schemaChanged: boolean }): void;
  close(): void;
}

/** Opens the account that a state directory holds, as it was after the last answered request. */
export function openAccountStore(stateDirectory: string, port: number): AccountStore {
  const path = join(stateDirectory, 'account.ndjson');
  const account = new Account('127.0.0.1', port);
  const documents = new Map<string, CollectionDocuments>();
  let collections = new Map<string, PackageCollection>();
  let record: (change: Change) => void = () => undefined;

  function syncCollections(): void {
    collections = collectionsOf(account);
    for (const rid of documents.keys()) if (!collections.has(rid)) documents.delete(rid);
    for (const [rid, collection] of collections) {
      if (documents.has(rid)) continue;
      const readCollection = () => (collections.get(rid) ?? collection).read();
      documents.set(
        rid,
        createCollectionDocuments(collection, readCollection, (change) => record(change)),
      );
    }
  }

  function restore(change: Change): void {
    if (change.type === 'schema') {
      restoreSchema(account, change);
      syncCollections();
    } else documents.get(change.collection)?.restore(change);
  }

  for (const change of readJournal<Change>(path)) restore(change);
  const journal = openJournal(path, () => snapshotOf(account, documents.values()));
  record = journal.record;

  return {
    account,
    documentsOf(databaseId, collectionId) {
      const database = account.database(databaseId);
      const data = database.read() && database.collection(collectionId).read();
      return data ? documents.get(data._rid) : undefined;
    },
    save({ schemaChanged }) {
      if (schemaChanged) {
        syncCollections();
        journal.record(schemaOf(account));
      }
      journal.flush();
    },
    close: journal.close,
  };
}

function* snapshotOf(account: PackageAccount, collections: Iterable<CollectionDocuments>): Generator<Change> {
  yield schemaOf(account);
  for (const collection of collections) yield* collection.snapshot();
}

function collectionsOf(account: PackageAccount): Map<string, PackageCollection> {
  const all = [...account.databases._data.values()].flatMap((one) => [...one.collections._data.values()]);
  return new Map(all.map((collection) => [collection.read()._rid, collection]));
}

function schemaOf(account: PackageAccount): SchemaChange {
  const databases = [...account.databases._data.values()].map((database) => ({
    data: database.read(),
    ridCount: database.collections._ridCount,
    collections: [...database.collections._data.values()].map((collection) => collection.read()),
  }));
  return { type: 'schema', ridCount: account.databases._ridCount, databases };
}

function restoreSchema(account: PackageAccount, { databases, ridCount }: SchemaChange): void {
  account.databases._data.clear();
  account.databases._index.clear();
  account.databases._ridCount = ridCount;
  for (const { data, collections, ...counts } of databases) {
    account.databases._set(data);
    const restored = account.database(data.id).collections;
    restored._ridCount = counts.ridCount;
    for (const collection of collections) restored._set(collection);
  }
}
