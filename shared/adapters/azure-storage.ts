import { withDeadline } from '../deadline.ts';
import { AppError } from '../errors.ts';

/** What the storage SDKs do about failures by themselves; nothing else retries their calls. Milliseconds. */
export const STORAGE_RETRIES = { maxTries: 3, retryDelayInMs: 200, maxRetryDelayInMs: 2_000 } as const;
const STORAGE_TIMEOUT = 20_000;
const RETRY_AFTER_SECONDS = 5;
const MISSING_RESOURCES = new Set(['ContainerNotFound', 'QueueNotFound']);

/** Runs one operation within `timeout` milliseconds, retries included. @throws AppError in place of the SDK's errors. */
export async function storageCall<T>(
  operation: (abortSignal: AbortSignal) => Promise<T>,
  timeout: number = STORAGE_TIMEOUT,
): Promise<T> {
  return withDeadline(timeout, async (signal) => {
    try {
      return await operation(signal);
    } catch (error) {
      if (signal.aborted) throw unavailable('Storage did not answer in time. Try again shortly.', error);
      throw toStorageError(error);
    }
  });
}

interface StorageFailure {
  readonly statusCode?: number;
  readonly code?: string;
}

/** The service's own error code, such as `BlobNotFound`. A HEAD has only its status. */
function storageCode(error: unknown): string | undefined {
  const { details, code } = (error ?? {}) as { details?: { errorCode?: unknown }; code?: unknown };
  const found = details?.errorCode ?? code;
  return typeof found === 'string' ? found : undefined;
}

function toStorageError(error: unknown): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error;
  if (/Credential|Authentication/.test(error.name)) {
    return unavailable('Signing in to storage failed: check the managed identity, or set PlatformStorage.', error);
  }
  if (error.name !== 'RestError') return error;
  const { statusCode } = error as StorageFailure;
  const code = storageCode(error) ?? '';
  if (MISSING_RESOURCES.has(code)) {
    return unavailable(`Storage lacks a container or queue (${code}): run the migration.`, error);
  }
  if (statusCode === undefined || statusCode >= 500 || statusCode === 429) {
    return unavailable('Storage is not available. Try again shortly.', error);
  }
  return rejected(statusCode, code, error);
}

function rejected(status: number, code: string, cause: Error): AppError {
  switch (status) {
    case 401:
    case 403:
      return unavailable(
        `Storage refused our credentials (${code}): check PlatformStorage or the role assignment.`,
        cause,
      );
    case 404:
      return new AppError('not_found', 'There is no such file.', { cause });
    case 409:
      return new AppError('conflict', 'The file exists already or is being changed.', { cause });
    case 412:
      return new AppError('precondition_failed', 'The file has changed meanwhile.', { cause });
    default:
      return new AppError('internal', `Storage rejected a request (${status} ${code}).`, { cause });
  }
}

function unavailable(message: string, cause: unknown): AppError {
  return new AppError('dependency_unavailable', message, { cause, retryAfterSeconds: RETRY_AFTER_SECONDS });
}
