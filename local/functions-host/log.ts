import type { LogLevel } from './core-types.ts';
import type { LogLevels } from './host-settings.ts';

/** One structured event of the host. */
export interface LogEntry {
  readonly level: LogLevel;
  readonly category: string;
  readonly message: string;
  readonly function?: string;
  readonly invocationId?: string;
}

export type Log = (entry: LogEntry) => void;

const SEVERITY: Record<LogLevel, number> = {
  trace: 0,
  debug: 1,
  information: 2,
  warning: 3,
  error: 4,
  critical: 5,
  none: 6,
};

/** Writes one JSON line per event to stdout. */
export function writeLogLine(entry: LogEntry): void {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`);
}

/** Drops what host.json's `logging.logLevel` does not ask for; the longest matching category prefix decides. */
export function filterLog(log: Log, levels: LogLevels): Log {
  const rules = Object.entries(levels).sort(([left], [right]) => right.length - left.length);
  return (entry) => {
    const rule = rules.find(([prefix]) => entry.category === prefix || entry.category.startsWith(`${prefix}.`));
    const threshold = rule?.[1] ?? levels.default ?? 'information';
    if (SEVERITY[entry.level] >= SEVERITY[threshold]) log(entry);
  };
}
