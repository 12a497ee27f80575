import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { storageConnection } from './app-settings.ts';

const RETRIES = { retryOptions: { maxTries: 3, retryDelayInMs: 200, maxRetryDelayInMs: 2000, tryTimeoutInMs: 30_000 } };

/** The queues of the storage account that a binding's `connection` names. */
export function connectQueues(connection: string | undefined): QueueServiceClient {
  return QueueServiceClient.fromConnectionString(storageConnection(connection), RETRIES);
}

/** The blobs of the storage account that a binding's `connection` names. */
export function connectBlobs(connection: string | undefined): BlobServiceClient {
  return BlobServiceClient.fromConnectionString(storageConnection(connection), RETRIES);
}

/** The HTTP status of a storage error, or undefined. */
export function storageStatus(error: unknown): number | undefined {
  return error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : undefined;
}
