/** A wait that doubles with each attempt, up to `longest` milliseconds, spread so that callers do not return together. */
export function backoff(attempt: number, first: number, longest: number): number {
  return Math.min(longest, first * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2);
}
