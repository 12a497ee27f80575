import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LocalProcess, startLocalProcess } from '../../local/child-process.ts';

/** The processes of a bench, which end together. */
export interface Processes {
  /** @param entry relative to this folder */
  start(
    name: string,
    entry: string,
    parameters?: readonly string[],
    environment?: Readonly<Record<string, string>>,
  ): Promise<LocalProcess>;
  stop(): Promise<void>;
}

export function createProcesses(directory: string): Processes {
  const started: LocalProcess[] = [];
  return {
    async start(name, entry, parameters = [], environment = {}) {
      const process = await startLocalProcess({
        name,
        entry: fileURLToPath(new URL(entry, import.meta.url)),
        arguments: parameters,
        environment,
        logFile: join(directory, 'logs', `${name}.log`),
        onLine: showProblem,
      });
      started.push(process);
      return process;
    },
    stop: async () => void (await Promise.all(started.map((process) => process.stop()))),
  };
}

const LONGEST_LINE = 1_000;

/** Lines of a log that say that something went wrong. */
function showProblem(line: string): void {
  if (/"level":"(error|critical)/.test(line)) console.warn(line.slice(0, LONGEST_LINE));
}
