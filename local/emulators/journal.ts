import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** An append-only file of JSON lines that outlives a `kill -9` of its writer. */
export interface Journal<Entry> {
  /** Remembers a change; nothing is written before `flush`. */
  record(entry: Entry): void;
  /** Writes what was recorded since the last call in one write. */
  flush(): void;
  close(): void;
}

const COMPACT_FROM_BYTES = 32 * 1024 * 1024;
const COMPACT_GROWTH = 3;
const WRITE_CHUNK_LINES = 2000;

/** Yields the entries of a journal; a last line that was cut off by a crash is left out. */
export function* readJournal<Entry>(path: string): Generator<Entry> {
  if (!existsSync(path)) return;
  const text = readFileSync(path, 'utf8');
  let start = 0;
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
    yield JSON.parse(text.slice(start, end)) as Entry;
    start = end + 1;
  }
}

/**
 * Opens a journal for writing, beginning with a compact copy of the present state.
 * It is compacted again whenever it has outgrown that copy several times over.
 */
export function openJournal<Entry>(path: string, snapshot: () => Iterable<Entry>): Journal<Entry> {
  mkdirSync(dirname(path), { recursive: true });
  let pending: Entry[] = [];
  let compactSize = 0;
  let size = 0;
  let file = compact();

  function compact(): number {
    const fresh = openSync(`${path}.new`, 'w');
    size = 0;
    let lines: Entry[] = [];
    for (const entry of snapshot()) {
      lines.push(entry);
      if (lines.length >= WRITE_CHUNK_LINES) {
        size += writeLines(fresh, lines);
        lines = [];
      }
    }
    size += writeLines(fresh, lines);
    compactSize = size;
    renameSync(`${path}.new`, path);
    return fresh;
  }

  return {
    record(entry) {
      pending.push(entry);
    },
    flush() {
      size += writeLines(file, pending);
      pending = [];
      if (size > COMPACT_FROM_BYTES && size > compactSize * COMPACT_GROWTH) {
        closeSync(file);
        file = compact();
      }
    },
    close() {
      closeSync(file);
    },
  };
}

function writeLines(file: number, entries: readonly unknown[]): number {
  if (entries.length === 0) return 0;
  const bytes = Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
  return bytes.length;
}
