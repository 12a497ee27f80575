import { backoff } from '../retry.ts';
import { isPassingFailure } from './model-failure.ts';
import { retryAfter } from './retry-after.ts';

/** Milliseconds to wait after a failure, as the service asks, within bounds; null when trying again is no use. */
export function modelDelay(error: unknown, attempt: number, first: number, longest: number): number | null {
  if (!isPassingFailure(error)) return null;
  const asked = retryAfter((error as { headers?: Headers }).headers);
  return asked === null ? backoff(attempt, first, longest) : Math.min(asked, longest) + Math.random() * first;
}
