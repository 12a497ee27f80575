import { AppError, isAppError } from '../../errors.ts';
import type { OpenAIConnection } from './openai-client.ts';
import { retryAfter } from './retry-after.ts';

const RETRY_AFTER_SECONDS = 5;
const FILTERED = new Set(['content_filter', 'content_policy_violation', 'ResponsibleAIPolicyViolation']);

/** The stream ended before the model had finished. */
export class CutStreamError extends Error {
  override readonly name = 'CutStreamError';
}

/** What there is to know about a failure of the `openai` package, whose classes need not be loaded for it. */
interface Failure {
  readonly status?: number;
  readonly code?: string | null;
  readonly headers?: Headers;
  /** What the service said, in an answer or within the stream. */
  readonly error?: { readonly message?: unknown };
}

const failureOf = (error: unknown) => (error ?? {}) as Failure;

/** Whether the same request may succeed a little later. */
export function isPassingFailure(error: unknown): boolean {
  const { status, error: said } = failureOf(error);
  if (error instanceof AppError || errorOfSignIn(error) || isFiltered(error) || isTooLong(error)) return false;
  if (status !== undefined) return status === 408 || status === 429 || status >= 500;
  return error instanceof CutStreamError || said !== undefined || isConnectionFailure(error);
}

/** A refused or cut connection: the package gives it a status that is undefined, `fetch` makes it a TypeError. */
function isConnectionFailure(error: unknown): boolean {
  if (error instanceof TypeError) return error.cause !== undefined;
  return error instanceof Error && 'status' in error && error.status === undefined;
}

const isFiltered = (error: unknown) => FILTERED.has(failureOf(error).code ?? '');

function isTooLong(error: unknown): boolean {
  const { code, status, error: said } = failureOf(error);
  return (
    code === 'context_length_exceeded' || (status === 400 && /context (length|window)/i.test(String(said?.message)))
  );
}

function errorOfSignIn(error: unknown): AppError | null {
  const cause = error instanceof Error ? error.cause : undefined;
  return isAppError(cause) ? cause : null;
}

/** Says what went wrong with a call to `deployment` and, where it is a setting, which one to check. */
export function toModelError(error: unknown, connection: OpenAIConnection, deployment: string): AppError {
  if (error instanceof AppError) return error;
  const { status } = failureOf(error);
  const signIn = errorOfSignIn(error);
  if (signIn) return signIn;
  if (isFiltered(error)) {
    const message = "The model's content filter refused this request. Ask in another way.";
    return new AppError('content_filtered', message, { cause: error });
  }
  if (isTooLong(error)) {
    return new AppError('context_too_long', 'This is more text than the model can read at once.', { cause: error });
  }
  return status === undefined ? unanswered(error, connection) : answered(status, error, connection, deployment);
}

function answered(status: number, cause: unknown, { kind }: OpenAIConnection, deployment: string): AppError {
  const settings = kind === 'azure' ? 'AZURE_OPENAI_API_KEY' : 'OPENAI_API_KEY';
  const fail = (advice: string) =>
    new AppError('upstream_failed', `The model's service answered ${status}: ${advice}.`, { cause });
  switch (status) {
    case 401:
      return fail(`check ${settings}`);
    case 403:
      return fail(`check ${settings}, the role of the managed identity and the network rules`);
    case 404:
      return fail(`check that the deployment ${deployment} and the API version exist`);
    case 408:
      return new AppError('upstream_timeout', "The model's service did not answer in time.", { cause });
    case 429: {
      const message = 'The model has too much to do. Try again shortly.';
      const wait = retryAfter(failureOf(cause).headers);
      const retryAfterSeconds = wait === null ? RETRY_AFTER_SECONDS : Math.ceil(wait / 1000);
      return new AppError('too_many_requests', message, { cause, retryAfterSeconds });
    }
    default:
      return fail(status >= 500 ? 'try again shortly' : `it did not accept the request (${failureOf(cause).code})`);
  }
}

function unanswered(cause: unknown, { kind }: OpenAIConnection): AppError {
  const setting = kind === 'azure' ? 'AZURE_OPENAI_ENDPOINT' : 'OPENAI_BASE_URL';
  const cut = cause instanceof CutStreamError || cause instanceof TypeError || failureOf(cause).error !== undefined;
  if (cut || !isConnectionFailure(cause)) {
    return new AppError('upstream_failed', 'The model stopped in the middle of its answer. Try again.', { cause });
  }
  return new AppError('dependency_unavailable', `The model's service cannot be reached: check ${setting}.`, {
    cause,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}
