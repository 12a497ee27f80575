import type { AppError } from '../errors.ts';

/**
 * What a failed attempt says about the deployment and the request:
 * `throttled` it has too much to do; `unavailable` it is down or cannot be reached; `timeout` it was silent for too long;
 * `misconfigured` it refuses our credentials or is not there; `refused` it will not take this request, nor will any other.
 */
export type AttemptFailureKind = 'throttled' | 'unavailable' | 'timeout' | 'misconfigured' | 'refused';

/** An attempt that failed before its first token. */
export class AttemptError extends Error {
  override readonly name = 'AttemptError';
  readonly kind: AttemptFailureKind;
  /** What the caller is told when no other deployment answers. */
  readonly error: AppError;
  /** How long the service asks to wait; null when it does not say. */
  readonly retryAfterMilliseconds: number | null;

  constructor(kind: AttemptFailureKind, error: AppError, retryAfterMilliseconds: number | null = null) {
    super(error.message, { cause: error });
    this.kind = kind;
    this.error = error;
    this.retryAfterMilliseconds = retryAfterMilliseconds;
  }
}
