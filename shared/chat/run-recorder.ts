import { setTimeout as sleep } from 'node:timers/promises';
import type { RunLogEntry, RunLogWriter } from './run-log.ts';

const FLUSH_MILLISECONDS = 250;
const IDLE_CHECK_MILLISECONDS = 1_000;

/** Brings the entries of a run to its log while they come. */
export interface RunRecorder {
  /** Writes until the run is complete. @throws AppError of the store */
  record(): Promise<void>;
  /** Says that there is something new. */
  wake(): void;
  /** Resolves when every entry so far is in the log, without waiting for more. @throws AppError of the store */
  flushed(): Promise<void>;
}

export function createRecorder(options: {
  readonly entries: readonly RunLogEntry[];
  readonly log: RunLogWriter;
  /** Aborted when the log holds the wish to stop. */
  readonly abort: AbortController;
  isComplete(): boolean;
}): RunRecorder {
  const { entries, log, abort, isComplete } = options;
  let written = 0;
  let flushTo = 0;
  let news = Promise.withResolvers<void>();
  let hurry = Promise.withResolvers<void>();
  let progress = Promise.withResolvers<void>();

  /** Waits for something to write and for what follows it closely, or until it is time to look for a wish to stop. */
  async function pause(): Promise<void> {
    if (!isComplete() && written === entries.length) await Promise.race([sleep(IDLE_CHECK_MILLISECONDS), news.promise]);
    const isWaitingForMore = !isComplete() && written < entries.length && flushTo <= written;
    if (isWaitingForMore) await Promise.race([sleep(FLUSH_MILLISECONDS), hurry.promise]);
  }

  async function writeOn(): Promise<void> {
    const batch = entries.slice(written);
    const isStopWanted = await (batch.length > 0 ? log.append(batch) : log.touch());
    written += batch.length;
    if (isStopWanted) abort.abort();
    progress.resolve();
    progress = Promise.withResolvers();
  }

  return {
    async record() {
      try {
        while (!isComplete() || written < entries.length) {
          await pause();
          await writeOn();
        }
      } catch (error) {
        progress.promise.catch(() => undefined);
        progress.reject(error);
        throw error;
      }
    },
    wake() {
      news.resolve();
      news = Promise.withResolvers();
      if (isComplete()) hurry.resolve();
    },
    async flushed() {
      const target = entries.length;
      flushTo = target;
      hurry.resolve();
      hurry = Promise.withResolvers();
      while (written < target) await progress.promise;
    },
  };
}
