import { backoff } from '../retry.ts';
import { isPassingFailure } from './model-failure.ts';
import { retryAfter } from './retry-after.ts';

/**
 * Milliseconds to wait after a failure, as the service asks. null when trying again is no use, or only later than
 * `longest`: whoever asked waits better than we do.
 */
export function modelDelay(error: unknown, attempt: number, first: number, longest: number): number | null {
  if (!isPassingFailure(error)) return null;
  const asked = retryAfter((error as { headers?: Headers }).headers);
  if (asked === null) return backoff(attempt, first, longest);
  return asked > longest ? null : asked + Math.random() * first;
}
