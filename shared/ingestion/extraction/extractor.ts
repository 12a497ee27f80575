import { AppError } from '../../errors.ts';
import type { FileClaims } from './detect-media-type.ts';
import type { ExtractedDocument } from './extracted-document.ts';
import { defaultExtractionLimits, type ExtractionLimits } from './extraction-limits.ts';
import { createExtractionThread, type ExtractionThread } from './extraction-thread.ts';

export interface Extractor {
  /**
   * Turns a file into text in a thread of its own. The bytes are handed over: they must not be used afterwards.
   *
   * Throws `ExtractionError`, whatever the file does; `AppError('too_many_requests')` when too many wait.
   */
  readonly extract: (bytes: Uint8Array, claims: FileClaims) => Promise<ExtractedDocument>;
  /** Ends all threads; what still runs or waits is refused. */
  readonly close: () => Promise<void>;
}

export interface ExtractorOptions {
  /** Files read at the same time, each in its own thread. */
  readonly concurrency: number;
  readonly limits?: Partial<ExtractionLimits>;
}

const MAX_WAITING = 256;
const RETRY_AFTER_SECONDS = 5;
const FILES_PER_THREAD = 250;

/** Creates a pool of warm threads that never keep the process alive; one that is stuck or too big is replaced. */
export function createExtractor({ concurrency, limits: overrides }: ExtractorOptions): Extractor {
  const limits = { ...defaultExtractionLimits, ...overrides };
  const threads = new Set<ExtractionThread>();
  const idle: ExtractionThread[] = [];
  const waiting: Array<{ readonly resolve: () => void; readonly reject: (reason: Error) => void }> = [];
  let running = 0;
  let closed = false;

  const takeTurn = async (): Promise<void> => {
    if (closed) throw shutDown();
    if (running < concurrency) {
      running += 1;
      return;
    }
    if (waiting.length >= MAX_WAITING) {
      const message = 'Too many documents are waiting to be read. Try again in a few seconds.';
      throw new AppError('too_many_requests', message, { retryAfterSeconds: RETRY_AFTER_SECONDS });
    }
    await new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }));
  };

  const passTurn = (): void => {
    const next = waiting.shift();
    if (next) next.resolve();
    else running -= 1;
  };

  const retire = async (thread: ExtractionThread): Promise<void> => {
    threads.delete(thread);
    await thread.end(shutDown());
  };

  return {
    extract: async (bytes, claims) => {
      await takeTurn();
      if (closed) throw shutDown();
      const thread = idle.pop() ?? createExtractionThread(limits);
      threads.add(thread);
      try {
        return await thread.extract(bytes, claims);
      } finally {
        if (thread.isUsable() && thread.extracted() < FILES_PER_THREAD && !closed) idle.push(thread);
        else await retire(thread);
        passTurn();
      }
    },
    close: async () => {
      closed = true;
      for (const { reject } of waiting.splice(0)) reject(shutDown());
      await Promise.all([...threads].map(retire));
    },
  };
}

function shutDown(): AppError {
  return new AppError('dependency_unavailable', 'The document reader was shut down. Try again later.');
}
