import { setTimeout as sleep } from 'node:timers/promises';

export interface RetryPolicy {
  /** Attempts in all, the first included. */
  readonly tries: number;
  /** No attempt starts later than this after the first one, in milliseconds. */
  readonly deadline: number;
  /** Milliseconds to wait after the given failure of that attempt (counted from 1); null when it is final. */
  delayAfter(error: unknown, attempt: number): number | null;
  readonly signal?: AbortSignal;
}

/** Tries an operation a bounded number of times and rejects with its last failure. */
export async function retry<T>(operation: () => Promise<T>, policy: RetryPolicy): Promise<T> {
  const lastStart = performance.now() + policy.deadline;
  for (let attempt = 1; ; attempt++) {
    try {
      return await operation();
    } catch (error) {
      const delay = attempt < policy.tries && !policy.signal?.aborted ? policy.delayAfter(error, attempt) : null;
      if (delay === null || performance.now() + delay > lastStart) throw error;
      await sleep(delay, undefined, { signal: policy.signal });
    }
  }
}
