import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '../../errors.ts';
import { AttemptError } from '../../models/attempt-error.ts';
import type { DeploymentTarget } from '../../models/model-transport.ts';
import { retryAfter } from '../retry-after.ts';

const FILTERED = new Set(['content_filter', 'content_policy_violation', 'ResponsibleAIPolicyViolation']);
const MAX_QUOTED_CHARACTERS = 500;
const RETRY_AFTER_SECONDS = 5;

/** What a service says of a failure, in an answer or within a stream: any part may be missing or of another type. */
export interface ServiceError {
  readonly code?: unknown;
  readonly message?: unknown;
  /** The field of the request that is wrong. */
  readonly param?: unknown;
  readonly innererror?: { readonly code?: unknown } | null;
}

/** What a service said in a body that may be anything. */
export function serviceErrorOf(text: string): ServiceError {
  try {
    const { error } = JSON.parse(text) as { error?: ServiceError | string };
    return typeof error === 'string' ? { message: error } : (error ?? {});
  } catch {
    return {};
  }
}

/** A service that refused a request with a status. */
export function refusedAttempt(
  target: DeploymentTarget,
  { status, headers, said }: { status: number; headers: IncomingHttpHeaders; said: ServiceError },
): AttemptError {
  const wait = retryAfter(headers);
  const typed = refusedRequest(said, status);
  if (typed) return new AttemptError('refused', typed);
  if (status === 429) return throttled(wait);
  if (status === 408)
    return new AttemptError('unavailable', timeout("The model's service did not answer in time."), wait);
  const advice = configurationAdvice(target, status);
  if (advice) return new AttemptError('misconfigured', failed(status, advice));
  if (status >= 500) return new AttemptError('unavailable', failed(status, 'try again shortly'), wait);
  const message = `The model's service did not accept the request: ${quoted(said) || status}`;
  return new AttemptError('refused', new AppError('bad_request', message, { details: namedBy(said) }));
}

/** An error frame; before the first token another deployment may do better. */
export function errorFrame(said: ServiceError): AttemptError {
  const typed = refusedRequest(said);
  if (typed) return new AttemptError('refused', typed);
  const isThrottled = String(said.code) === '429' || said.code === 'rate_limit_exceeded';
  if (isThrottled) return throttled();
  return new AttemptError('unavailable', brokenOff());
}

/** @param wait as the service asks, in milliseconds */
function throttled(wait: number | null = null): AttemptError {
  const retryAfterSeconds = wait === null ? RETRY_AFTER_SECONDS : Math.ceil(wait / 1000);
  const message = 'The model has too much to do. Try again shortly.';
  return new AttemptError('throttled', new AppError('too_many_requests', message, { retryAfterSeconds }), wait);
}

/** A connection that could not be made, or was lost before an answer began. */
export function lostConnection(target: DeploymentTarget, cause: unknown): AttemptError {
  const setting = target.endpoint.kind === 'openai' ? 'OPENAI_BASE_URL' : 'AZURE_OPENAI_ENDPOINT';
  const endpoint = `the URL of the endpoint ${target.deployment.endpoint} (${setting}, or MODELS_FILE)`;
  const message = `The model's service cannot be reached: check ${endpoint}.`;
  const details = { cause, retryAfterSeconds: RETRY_AFTER_SECONDS };
  return new AttemptError('unavailable', new AppError('dependency_unavailable', message, details));
}

/** An answer that ended before it was whole. */
export function brokenOff(cause?: unknown): AppError {
  return new AppError('upstream_failed', 'The model stopped in the middle of its answer. Try again.', { cause });
}

export function timeout(message: string): AppError {
  return new AppError('upstream_timeout', message);
}

/** A request that every deployment would refuse. */
function refusedRequest({ code, message, innererror }: ServiceError, status?: number): AppError | null {
  if (FILTERED.has(String(code)) || FILTERED.has(String(innererror?.code))) {
    return new AppError('content_filtered', "The model's content filter refused this request. Ask in another way.");
  }
  const isTooLong =
    code === 'context_length_exceeded' || (status === 400 && /context (length|window)/i.test(String(message)));
  if (!isTooLong) return null;
  return new AppError('context_too_long', 'This is more text than the model can read at once.');
}

function configurationAdvice({ endpoint, deployment }: DeploymentTarget, status: number): string | null {
  const key = endpoint.apiKeySetting ?? `the key of the endpoint ${deployment.endpoint}`;
  if (status === 401) return `check ${key}`;
  if (status === 403) return `check ${key}, the role of the managed identity and the network rules`;
  if (status === 404) return `check that the deployment ${deployment.deployment} and the API version exist`;
  return null;
}

function failed(status: number, advice: string): AppError {
  return new AppError('upstream_failed', `The model's service answered ${status}: ${advice}.`);
}

/** What a caller can find the mistake by. */
function namedBy({ code, param }: ServiceError): Record<string, string> {
  const named = Object.entries({ code, param }).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(named.map(([name, value]) => [name, value.slice(0, MAX_QUOTED_CHARACTERS)]));
}

function quoted({ message, code }: ServiceError): string {
  return String(message ?? code ?? '').slice(0, MAX_QUOTED_CHARACTERS);
}
