import { AppError } from '../../errors.ts';

/** All in milliseconds. */
export interface SilenceLimits {
  /** From the call to the first text, tries included. */
  readonly firstToken: number;
  /** Between two frames after it. */
  readonly stall: number;
  /** The whole answer. */
  readonly total: number;
}

export interface SilenceGuard {
  /** Aborts with the caller's reason, or with an AppError `upstream_timeout`. */
  readonly signal: AbortSignal;
  /** Something came: the wait for the next begins. */
  heard(): void;
  /** Ends the request, if it has not ended, and the watch. */
  stop(): void;
}

/** Ends a request that its caller gave up, or that is silent or runs for too long. */
export function silenceGuard(caller: AbortSignal, limits: SilenceLimits): SilenceGuard {
  const controller = new AbortController();
  const giveUp = () => controller.abort(caller.reason);
  const expireAfter = (milliseconds: number, message: string) =>
    setTimeout(() => controller.abort(new AppError('upstream_timeout', message)), milliseconds);
  const total = expireAfter(limits.total, 'The answer took too long.');
  const first = expireAfter(limits.firstToken, 'The model did not begin to answer in time. Try again.');
  let stall: NodeJS.Timeout | undefined;
  caller.addEventListener('abort', giveUp, { once: true });
  if (caller.aborted) giveUp();
  return {
    signal: controller.signal,
    heard() {
      clearTimeout(first);
      if (stall) stall.refresh();
      else stall = expireAfter(limits.stall, 'The model fell silent in the middle of its answer. Try again.');
    },
    stop() {
      caller.removeEventListener('abort', giveUp);
      for (const timer of [total, first, stall]) clearTimeout(timer);
      controller.abort();
    },
  };
}
