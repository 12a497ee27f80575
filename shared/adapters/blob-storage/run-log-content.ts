import type { RunLogEntry } from '../../chat/run-log.ts';
import { AppError } from '../../errors.ts';

export const STOP_LINE = '{"stop":true}\n';
const NEW_LINE = 0x0a;

interface Lines {
  readonly entries: readonly RunLogEntry[];
  readonly stopRequested: boolean;
  /** Bytes that were whole lines; a torn last line is left for later. */
  readonly consumed: number;
}

/** A run's entries as they are appended: one JSON object a line. */
export function toLines(entries: readonly RunLogEntry[]): Buffer {
  return Buffer.from(entries.map(({ id, data }) => `${JSON.stringify({ id, data })}\n`).join(''));
}

/** Reads the whole lines of a part of the log. Empty lines only say that the writer lives. */
export function parseLines(part: Buffer): Lines {
  const consumed = part.lastIndexOf(NEW_LINE) + 1;
  const entries: RunLogEntry[] = [];
  let stopRequested = false;
  for (const line of part.toString('utf8', 0, consumed).split('\n')) {
    if (line === '') continue;
    const parsed = parseLine(line);
    if (parsed === 'stop') stopRequested = true;
    else entries.push(parsed);
  }
  return { entries, stopRequested, consumed };
}

function parseLine(line: string): RunLogEntry | 'stop' {
  const { id, data, stop } = JSON.parse(line) as { id?: unknown; data?: unknown; stop?: unknown };
  if (stop === true) return 'stop';
  if (typeof id === 'number' && typeof data === 'string') return { id, data };
  throw new AppError('internal', "A run's log holds a line that is no entry.");
}
