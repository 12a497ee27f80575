import { closeSync, fstatSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';

/** A file of text lines that only grows, until it is rewritten whole. */
export interface OperationLog {
  /** Hands a line to the operating system, which keeps it even if this process is killed. */
  append(line: string): void;
  /** Replaces all lines in one step: a crash leaves either the old file or the new one. */
  rewrite(lines: Iterable<string>): void;
  /** Size in bytes. */
  size(): number;
  close(): void;
  /** Closes and deletes the file. */
  destroy(): void;
}

const LINE_END = 10;

/** Opens a log for appending; creates it when missing. */
export function openOperationLog(file: string): OperationLog {
  let descriptor: number | undefined = openSync(file, 'a');
  const current = (): number => {
    if (descriptor === undefined) throw new Error(`${file} is closed`);
    return descriptor;
  };
  const close = (): void => {
    if (descriptor !== undefined) closeSync(descriptor);
    descriptor = undefined;
  };
  return {
    append: (line) => writeAll(current(), line),
    rewrite(lines) {
      const temporary = `${file}.new`;
      const target = openSync(temporary, 'w');
      for (const line of lines) writeAll(target, line);
      closeSync(target);
      renameSync(temporary, file);
      close();
      descriptor = openSync(file, 'a');
    },
    size: () => fstatSync(current()).size,
    close,
    destroy() {
      close();
      rmSync(file, { force: true });
    },
  };
}

function writeAll(descriptor: number, line: string): void {
  const bytes = Buffer.from(`${line}\n`);
  for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
}

/** Reads a log's whole lines; what follows the last line end was cut off by a crash, is `torn`, and is left out. */
export function readLog(file: string): { lines: Generator<string>; torn: boolean } {
  const bytes = readFileSync(file);
  return { lines: linesOf(bytes), torn: bytes.lastIndexOf(LINE_END) + 1 !== bytes.length };
}

function* linesOf(bytes: Buffer): Generator<string> {
  let start = 0;
  for (let end = bytes.indexOf(LINE_END); end !== -1; end = bytes.indexOf(LINE_END, start)) {
    yield bytes.toString('utf8', start, end);
    start = end + 1;
  }
}
