import { AppError } from '../../errors.ts';

const DEFAULT_RETRY_AFTER_SECONDS = 5;
const OWNER_DOES_NOT_EXIST = 1003;
const SERVER_FAILURES = new Set([408, 410, 429, 449]);
const REFUSALS = new Set([401, 403]);
/** Nobody answered, or not Cosmos DB: a proxy's page is no JSON. */
const UNREACHABLE =
  /^(?:SyntaxError|REQUEST_SEND_ERROR|TimeoutError|AbortError|CredentialUnavailableError|AuthenticationError|AggregateAuthenticationError|E[A-Z]{3,}|UNABLE_TO_\w+|CERT_\w+|SELF_SIGNED_\w+|DEPTH_ZERO_\w+|ERR_TLS_\w+)$/;

interface Failure {
  readonly code: unknown;
  readonly substatus: unknown;
  readonly name: string;
  readonly retryAfterInMs: unknown;
}

function failureOf(error: unknown): Failure {
  const { code, substatus, name, retryAfterInMs } = (error ?? {}) as Partial<Record<keyof Failure, unknown>>;
  return { code, substatus, name: String(name), retryAfterInMs };
}

/** True when the item itself is missing, and not the container or the database around it. */
export function isMissingItem(error: unknown): boolean {
  const { code, substatus } = failureOf(error);
  return code === 404 && substatus !== OWNER_DOES_NOT_EXIST;
}

/** Says what an error of the SDK means to a caller; every one comes through here once. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const failure = failureOf(error);
  if (failure.code === 409) return new AppError('conflict', 'It exists already.', { cause: error });
  if (failure.code === 412) {
    return new AppError('precondition_failed', 'It was changed meanwhile. Read it again, then repeat the change.', {
      cause: error,
    });
  }
  if (failure.code === 413) {
    return new AppError('payload_too_large', 'It is larger than one item may be (2 MB).', { cause: error });
  }
  return unavailable(failure, error) ?? new AppError('internal', 'Cosmos DB refused a request.', { cause: error });
}

function unavailable(failure: Failure, cause: unknown): AppError | undefined {
  const advice = adviceFor(failure);
  if (advice === undefined) return undefined;
  const { retryAfterInMs } = failure;
  const retryAfterSeconds =
    typeof retryAfterInMs === 'number' ? Math.max(1, Math.ceil(retryAfterInMs / 1_000)) : DEFAULT_RETRY_AFTER_SECONDS;
  return new AppError('dependency_unavailable', `Cosmos DB ${advice}`, { cause, retryAfterSeconds });
}

function adviceFor({ code, name }: Failure): string | undefined {
  if (code === 404) return 'has no such database or container. The operator has to run `npm run db:migrate`.';
  if (code === 429) return 'is over its throughput. Try again shortly; if it lasts, the operator has to raise it.';
  if (REFUSALS.has(Number(code))) {
    return 'refused our sign-in. The operator has to check COSMOS_KEY, or the role of the managed identity.';
  }
  if (SERVER_FAILURES.has(Number(code)) || Number(code) >= 500) return 'is busy. Try again shortly.';
  if (UNREACHABLE.test(String(code)) || UNREACHABLE.test(name)) {
    return 'cannot be reached. Try again shortly; if it lasts, the operator has to check COSMOS_ENDPOINT.';
  }
  return undefined;
}
