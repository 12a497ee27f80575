import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, isAppError } from './errors.ts';

/** A change that is made from what was read, and written only if nobody else was faster. */
export interface OvertakenChange<S, T> {
  /** Reads the newest state and makes the change of it. What this throws is final. */
  read(): Promise<S>;
  /** @throws AppError `precondition_failed` when somebody else was faster; with `creates`, `conflict` as well. */
  write(state: S): Promise<T>;
  /** Whether a write may create what another one has created meanwhile. */
  readonly creates?: boolean;
}

export interface OvertakenLimits {
  readonly attempts: number;
  /** Milliseconds: before the n-th new attempt a random wait of up to n times this. */
  readonly jitter: number;
  /** Milliseconds: no wait is longer. */
  readonly longestWait?: number;
  /** What its caller reads when others keep winning. */
  readonly message: string;
}

/** Reads and writes again whenever another writer was faster. @throws AppError `conflict` when others keep winning. */
export async function whileOvertaken<S, T>(change: OvertakenChange<S, T>, limits: OvertakenLimits): Promise<T> {
  const { attempts, jitter, longestWait = Number.POSITIVE_INFINITY } = limits;
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const state = await change.read();
    try {
      return await change.write(state);
    } catch (error) {
      const isOvertaken =
        isAppError(error, 'precondition_failed') || (change.creates === true && isAppError(error, 'conflict'));
      if (!isOvertaken) throw error;
      await sleep(Math.random() * Math.min(jitter * attempt, longestWait));
    }
  }
  throw new AppError('conflict', limits.message);
}
