import { type CollectionSettings, type VectorSchema, vectorSchemaOf } from './collection-schema.ts';
import { decodeOperation, encodeOperation } from './operation-codec.ts';
import { type OperationLog, openOperationLog, readLog } from './operation-log.ts';
import { applyOperation, type NewPoint, type Operation } from './operations.ts';
import { createPointStore, type PointStore } from './point-store.ts';

/** A named set of points whose every change is in its log before it is answered. */
export interface Collection {
  readonly settings: CollectionSettings;
  readonly schema: VectorSchema;
  readonly store: PointStore;
  /** Logs and applies a checked change; returns its number. */
  commit(operation: Operation): number;
  /** Rewrites the log as the points that are left, and closes it. */
  close(): void;
  /** Closes and forgets everything. */
  destroy(): void;
}

interface Header {
  readonly settings: CollectionSettings;
  /** Number of the last operation that the lines of the snapshot already contain. */
  readonly version: number;
  /** How many lines after the header are the snapshot. */
  readonly snapshotLines: number;
}

const POINTS_PER_LINE = 256;
const COMPACT_AFTER_BYTES = 256 * 1024 * 1024;
const COMPACT_AFTER_GROWTH = 4;

/** Starts an empty collection whose log is `file`. */
export function createCollection(file: string, settings: CollectionSettings): Collection {
  const log = openOperationLog(file);
  const header: Header = { settings, version: 0, snapshotLines: 0 };
  log.rewrite([JSON.stringify(header)]);
  return open(log, settings, createPointStore(vectorSchemaOf(settings)), 0);
}

/** Brings a collection back from its log; undefined when its creation was never finished. */
export function loadCollection(file: string): Collection | undefined {
  const { lines, torn } = readLog(file);
  const first = lines.next();
  if (first.done) return undefined;
  const header = JSON.parse(first.value) as Header;
  const store = createPointStore(vectorSchemaOf(header.settings));
  let read = 0;
  let version = header.version;
  for (const line of lines) {
    read += 1;
    if (read > header.snapshotLines) version += 1;
    applyOperation(store, decodeOperation(line), version);
  }
  const log = openOperationLog(file);
  // A torn last line must go, or the next line would be appended to it.
  if (torn || read > header.snapshotLines) log.rewrite(snapshot(header.settings, store, version));
  return open(log, header.settings, store, version);
}

function open(log: OperationLog, settings: CollectionSettings, store: PointStore, startVersion: number): Collection {
  let version = startVersion;
  let compactedVersion = startVersion;
  let compactedBytes = log.size();
  const compact = (): void => {
    if (version === compactedVersion) return;
    log.rewrite(snapshot(settings, store, version));
    compactedVersion = version;
    compactedBytes = log.size();
  };
  return {
    settings,
    store,
    schema: vectorSchemaOf(settings),
    commit(operation) {
      log.append(encodeOperation(operation));
      version += 1;
      applyOperation(store, operation, version);
      if (log.size() > Math.max(COMPACT_AFTER_BYTES, compactedBytes * COMPACT_AFTER_GROWTH)) compact();
      return version;
    },
    close() {
      compact();
      log.close();
    },
    destroy: () => log.destroy(),
  };
}

function* snapshot(settings: CollectionSettings, store: PointStore, version: number): Generator<string> {
  const slots = store.slotsById();
  const pointLines = Math.ceil(slots.length / POINTS_PER_LINE);
  const header: Header = { settings, version, snapshotLines: store.indexes.size + pointLines };
  yield JSON.stringify(header);
  for (const { field, index } of store.indexes.values()) {
    yield encodeOperation({ kind: 'create_index', field, schema: index.schema });
  }
  for (let start = 0; start < slots.length; start += POINTS_PER_LINE) {
    const points = slots.slice(start, start + POINTS_PER_LINE).map((slot) => pointAt(store, slot));
    yield encodeOperation({ kind: 'upsert', points });
  }
}

function pointAt(store: PointStore, slot: number): NewPoint {
  const { id, payload } = store.at(slot);
  return { id, payload, vectors: store.vectors.at(slot) };
}
