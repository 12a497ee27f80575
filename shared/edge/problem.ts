import { ZodError, type z } from 'zod';
import type { Problem } from '../contracts/problem.ts';
import { AppError, type ErrorCode } from '../errors.ts';
import { refusalHeaders } from '../limits/rate-limit-headers.ts';

/** The status of each error, as HTTP has it. */
export const STATUS_OF: Readonly<Record<ErrorCode, number>> = {
  bad_request: 400,
  validation_failed: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  precondition_failed: 412,
  payload_too_large: 413,
  unsupported_media_type: 415,
  unprocessable: 422,
  content_filtered: 422,
  context_too_long: 422,
  too_many_requests: 429,
  upstream_failed: 502,
  upstream_timeout: 504,
  dependency_unavailable: 503,
  internal: 500,
};

const titleOf = (code: ErrorCode) => code.replaceAll('_', ' ').replace(/^./, (letter) => letter.toUpperCase());

/** Makes whatever was thrown an AppError, so that the answer and the log agree on what happened. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError('internal', 'Something went wrong on our side. Try again; if it stays, report the trace id.', {
    cause: error,
  });
}

export interface ProblemReply {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Problem;
}

/** Turns an error into RFC 9457 problem details. */
export function problemReply(error: AppError, traceId: string): ProblemReply {
  const status = STATUS_OF[error.code];
  return {
    status,
    headers: { 'content-type': 'application/problem+json', ...errorHeaders(error) },
    body: {
      type: 'about:blank',
      title: titleOf(error.code),
      status,
      code: error.code,
      detail: error.message,
      traceId,
      // Elsewhere such a cause tells of our own data, which is not the caller's business.
      ...(error.code === 'validation_failed' &&
        error.cause instanceof ZodError && { errors: fieldErrors(error.cause) }),
      ...(error.details && { details: { ...error.details } }),
    },
  };
}

/** What the headers say of an error: when to try again, which limit refused, how to sign in. */
export function errorHeaders(error: AppError): Record<string, string> {
  const { code, retryAfterSeconds } = error;
  return {
    ...refusalHeaders(error),
    ...(retryAfterSeconds !== undefined && { 'retry-after': String(Math.ceil(retryAfterSeconds)) }),
    ...(code === 'unauthenticated' && { 'www-authenticate': 'Bearer' }),
  };
}

const MAX_FIELD_ERRORS = 20;

interface FieldError {
  readonly path: string;
  readonly message: string;
}

function fieldErrors({ issues }: ZodError): FieldError[] {
  return issues.flatMap((issue) => errorsOf(issue, [])).slice(0, MAX_FIELD_ERRORS);
}

/** Of several shapes that would do, the errors are those of the one that was missed by least. */
function errorsOf(issue: z.core.$ZodIssue, parents: readonly PropertyKey[]): FieldError[] {
  const path = [...parents, ...issue.path];
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const [nearest = []] = issue.errors.toSorted((one, other) => one.length - other.length);
    return nearest.flatMap((inner) => errorsOf(inner, path));
  }
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: nameOf([...path, key]), message: 'is not known here' }));
  }
  return [{ path: nameOf(path), message: issue.message }];
}

const nameOf = (path: readonly PropertyKey[]) => path.map(String).join('.');
