import type { AppError } from '../../errors.ts';
import type { AttemptTimeouts } from '../../models/model-transport.ts';
import { timeout } from './model-failure.ts';

/** Ends an answer whose service does not begin, falls silent, or takes too long. */
export interface AnswerWatch {
  /** The first token came, or more after it: the wait for the next begins. */
  heard(): void;
  /** The reader is slow, not the service. */
  pause(): void;
  stop(): void;
}

export function watchAnswer(timeouts: AttemptTimeouts, expire: (error: AppError) => void): AnswerWatch {
  const expireAfter = (milliseconds: number, message: string) =>
    setTimeout(() => expire(timeout(message)), milliseconds);
  const total = expireAfter(timeouts.total, 'The answer took too long.');
  const first = expireAfter(timeouts.firstToken, 'The model did not begin to answer in time. Try again.');
  let stall: NodeJS.Timeout | undefined;
  return {
    heard() {
      if (stall) {
        stall.refresh();
        return;
      }
      clearTimeout(first);
      stall = expireAfter(timeouts.stall, 'The model fell silent in the middle of its answer. Try again.');
    },
    pause() {
      clearTimeout(stall);
      stall = undefined;
    },
    stop() {
      clearTimeout(total);
      clearTimeout(first);
      clearTimeout(stall);
    },
  };
}
