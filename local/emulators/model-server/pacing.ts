import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';

const MAX_FIRST_TOKEN_MS = 600_000;
const MAX_TOKENS_PER_SECOND = 100_000;

/** The body of `PUT /_control/settings`. */
export const paceSettings = z.strictObject({
  /** Pieces of text a second; `null` is as fast as possible. */
  tokensPerSecond: z.number().positive().max(MAX_TOKENS_PER_SECOND).nullable().default(null),
  firstTokenMs: z.number().int().min(0).max(MAX_FIRST_TOKEN_MS).default(0),
});

export type PaceSettings = z.infer<typeof paceSettings>;

/** Waits before each piece of an answer, so that it comes no faster than set. @throws AbortError when the client is gone. */
export function createPace({ tokensPerSecond }: PaceSettings, signal: AbortSignal): () => Promise<void> {
  const began = performance.now();
  let pieces = 0;
  return async () => {
    signal.throwIfAborted();
    if (tokensPerSecond === null) return nextTurn();
    const due = began + (pieces * 1000) / tokensPerSecond;
    pieces += 1;
    if (due > performance.now()) await wait(due - performance.now(), undefined, { signal });
  };
}
