import { closeSync, openSync, renameSync, writeSync } from 'node:fs';

/** A text file that holds the newest lines of a process. */
export interface LogFile {
  write(line: string): void;
  close(): void;
}

const ROTATE_AT_BYTES = 20 * 1024 * 1024;

/** Begins a log file anew; when it grows too large, it becomes `….old` and another is begun. */
export function openLogFile(path: string): LogFile {
  let file = openSync(path, 'w');
  let size = 0;
  let closed = false;
  return {
    write(line) {
      if (closed) return;
      size += writeSync(file, `${line}\n`);
      if (size < ROTATE_AT_BYTES) return;
      closeSync(file);
      renameSync(path, `${path}.old`);
      file = openSync(path, 'w');
      size = 0;
    },
    close() {
      if (!closed) closeSync(file);
      closed = true;
    },
  };
}
