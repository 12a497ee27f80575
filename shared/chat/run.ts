import { setTimeout as sleep } from 'node:timers/promises';
import type { ChatAnswer } from '../contracts/chat.ts';
import { STREAM_DONE, type UiMessageChunk } from '../contracts/ui-message-stream.ts';
import { isAppError } from '../errors.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { RunLogEntry, RunLogWriter } from './run-log.ts';

const FLUSH_MILLISECONDS = 250;
const IDLE_CHECK_MILLISECONDS = 1_000;

/** An answer in the making. It goes on, is logged and saved whether or not anybody reads it. */
export interface Run {
  /** Resolves with the first word; rejects when there will be none. */
  readonly started: Promise<void>;
  /** The answer as saved. */
  readonly answer: Promise<ChatAnswer>;
  /** Every entry from the first on; ends when the run has ended and its log is complete. */
  entries(): AsyncGenerator<RunLogEntry>;
}

export interface RunOptions {
  readonly chunks: AsyncGenerator<UiMessageChunk, ChatAnswer>;
  readonly log: RunLogWriter;
  /** Aborted when somebody asks to stop. */
  readonly abort: AbortController;
  readonly logger: Logger;
}

export function startRun({ chunks, log, abort, logger }: RunOptions): Run {
  const entries: RunLogEntry[] = [];
  let isComplete = false;
  let wake = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();

  function add(data: string): void {
    entries.push({ id: entries.length + 1, data });
    wake.resolve();
    wake = Promise.withResolvers();
  }

  async function produce(): Promise<ChatAnswer> {
    try {
      for (;;) {
        const next = await chunks.next();
        if (next.done) return next.value;
        add(JSON.stringify(next.value));
        if (next.value.type === 'text-delta') started.resolve();
      }
    } catch (error) {
      const errorText = isAppError(error) ? error.message : 'Something went wrong on our side.';
      add(JSON.stringify({ type: 'error', errorText } satisfies UiMessageChunk));
      throw error;
    } finally {
      isComplete = true;
      add(STREAM_DONE);
    }
  }

  /** Waits for something to write, or until it is time to look for a wish to stop. */
  async function pause(written: number): Promise<void> {
    if (!isComplete && written === entries.length) await Promise.race([sleep(IDLE_CHECK_MILLISECONDS), wake.promise]);
    if (!isComplete && written < entries.length) await Promise.race([sleep(FLUSH_MILLISECONDS), finished]);
  }

  async function record(): Promise<void> {
    let written = 0;
    while (!isComplete || written < entries.length) {
      await pause(written);
      const batch = entries.slice(written);
      const isStopWanted = await (batch.length > 0 ? log.append(batch) : log.touch());
      written += batch.length;
      if (isStopWanted) abort.abort();
    }
  }

  const answer = produce();
  const finished = answer.then(
    () => started.resolve(),
    (error: unknown) => started.reject(error),
  );
  started.promise.catch(() => undefined);
  const recorded = record().catch((error: unknown) => logger.warn('run log is incomplete', { error }));

  return {
    started: started.promise,
    answer,
    async *entries() {
      for (let next = 0; ; next += 1) {
        if (next === entries.length && !isComplete) await wake.promise;
        const entry = entries[next];
        if (!entry) break;
        yield entry;
      }
      await recorded;
    },
  };
}

/** The error of a run whose writer vanished, as a chunk for those who wait for more. */
export function interruptedChunk(): UiMessageChunk {
  return { type: 'error', errorText: 'The answer was interrupted. Ask again.' };
}
