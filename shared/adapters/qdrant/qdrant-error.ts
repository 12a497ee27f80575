import { AppError } from '../../errors.ts';

const RETRY_AFTER_SECONDS = 5;
const CONNECTION_LOST = /^(?:E[A-Z]+|EAI_AGAIN|UND_ERR_SOCKET|UND_ERR_CONNECT_TIMEOUT)$/;

/** The HTTP status that Qdrant answered; undefined when it did not. The client's error classes are not exported. */
export function statusOf(error: unknown): number | undefined {
  const { status, retry_after } = (error ?? {}) as { status?: unknown; retry_after?: unknown };
  if (retry_after !== undefined) return 429;
  return typeof status === 'number' ? status : undefined;
}

/** Whether the same request may succeed at once. A timeout is final: its caller has waited long enough. */
export function isPassing(error: unknown): boolean {
  const status = statusOf(error);
  if (status === undefined) return isConnectionLost(error);
  return status === 429 || status >= 500;
}

/** As `fetch` tells it, or as the connection itself does. */
function isConnectionLost(error: unknown): boolean {
  if (error instanceof TypeError) return error.cause !== undefined;
  return CONNECTION_LOST.test(String((error as { code?: unknown } | null)?.code));
}

/** No answer at all: refused, timed out or cut. What is left then are mistakes in our own code. */
const isUnanswered = (error: unknown) =>
  statusOf(error) === undefined && !(error instanceof TypeError && error.cause === undefined);

/** Says what went wrong with Qdrant and what to check. */
export function toQdrantError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const status = statusOf(error);
  if (isUnanswered(error) || isPassing(error)) {
    return new AppError('dependency_unavailable', 'The vector store (Qdrant) is not available. Try again shortly.', {
      cause: error,
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    });
  }
  if (status === 401 || status === 403) {
    return new AppError('dependency_unavailable', 'The vector store (Qdrant) refused our key: check QDRANT_API_KEY.', {
      cause: error,
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    });
  }
  const code = status === 404 ? 'not_found' : 'internal';
  return new AppError(code, `The vector store (Qdrant) rejected a request: ${reasonOf(error)}`, { cause: error });
}

const MAX_REASON_CHARACTERS = 300;

function reasonOf(error: unknown): string {
  const answered = (error as { data?: { status?: { error?: unknown } } } | null)?.data?.status?.error;
  const reason = typeof answered === 'string' ? answered : String(error);
  return reason.slice(0, MAX_REASON_CHARACTERS);
}
