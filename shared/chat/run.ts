import type { ChatAnswer } from '../contracts/chat.ts';
import { STREAM_DONE, type UiMessageChunk } from '../contracts/ui-message-stream.ts';
import { isAppError } from '../errors.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { RunLogEntry, RunLogWriter } from './run-log.ts';
import { createRecorder } from './run-recorder.ts';

/** An answer in the making. It goes on, is logged and saved whether or not anybody reads it. */
export interface Run {
  /** Resolves with the first word; rejects when there will be none. */
  readonly started: Promise<void>;
  /** The answer as saved. */
  readonly answer: Promise<ChatAnswer>;
  /** Every entry from the first on; ends when the run has ended and its log is complete. */
  entries(): AsyncGenerator<RunLogEntry>;
}

/** What an answer can ask about its own run. */
export interface RunProgress {
  /** The number of the last entry so far. */
  lastId(): number;
  /** Resolves when every entry so far is in the log. @throws AppError of the store */
  flushed(): Promise<void>;
}

export interface RunOptions {
  readonly chunksOf: (progress: RunProgress) => AsyncGenerator<UiMessageChunk, ChatAnswer>;
  /** The number of the last entry of an earlier segment; 0 for a run that begins. */
  readonly after: number;
  readonly log: RunLogWriter;
  /** Aborted when somebody asks to stop. */
  readonly abort: AbortController;
  readonly logger: Logger;
}

/** What tells that an answer has begun, so that a later failure is no plain error any more. */
const BEGUN = new Set<UiMessageChunk['type']>(['text-delta', 'tool-input-available', 'tool-input-error']);

export function startRun({ chunksOf, after, log, abort, logger }: RunOptions): Run {
  const entries: RunLogEntry[] = [];
  let isComplete = false;
  let wake = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  const recorder = createRecorder({ entries, log, abort, isComplete: () => isComplete });

  function add(data: string): void {
    entries.push({ id: after + entries.length + 1, data });
    wake.resolve();
    wake = Promise.withResolvers();
    recorder.wake();
  }

  async function produce(): Promise<ChatAnswer> {
    const chunks = chunksOf({ lastId: () => after + entries.length, flushed: recorder.flushed });
    try {
      for (;;) {
        const next = await chunks.next();
        if (next.done) return next.value;
        add(JSON.stringify(next.value));
        if (BEGUN.has(next.value.type)) started.resolve();
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

  const answer = produce();
  answer.then(
    () => started.resolve(),
    (error: unknown) => started.reject(error),
  );
  started.promise.catch(() => undefined);
  const recorded = recorder.record().catch((error: unknown) => logger.warn('run log is incomplete', { error }));

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
