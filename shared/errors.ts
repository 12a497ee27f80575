/** Every way a request can fail that a caller may act on. The edge maps each to one HTTP status. */
export type ErrorCode =
  | 'bad_request'
  | 'validation_failed'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'method_not_allowed'
  | 'conflict'
  | 'precondition_failed'
  | 'payload_too_large'
  | 'unsupported_media_type'
  | 'unprocessable'
  | 'content_filtered'
  | 'context_too_long'
  | 'too_many_requests'
  | 'upstream_failed'
  | 'upstream_timeout'
  | 'dependency_unavailable'
  | 'internal';

export interface AppErrorOptions {
  readonly cause?: unknown;
  /** Facts for the caller; never secrets, never message or document text. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** When trying again makes sense, in seconds. */
  readonly retryAfterSeconds?: number;
}

/** The one error type that crosses module borders; `message` is written for the caller and says what to do. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.details = options.details;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

export function isAppError(error: unknown, code?: ErrorCode): error is AppError {
  return error instanceof AppError && (code === undefined || error.code === code);
}
