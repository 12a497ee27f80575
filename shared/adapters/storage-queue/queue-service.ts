import type { QueueServiceClient } from '@azure/storage-queue';
import type { StorageConfig } from '../../config.ts';
import { azureCredential } from '../azure-credential.ts';
import { STORAGE_RETRIES } from '../azure-storage.ts';
import { lazily } from '../lazily.ts';

/** The account's queues; opened with the first use. */
export function queueService(storage: StorageConfig): () => Promise<QueueServiceClient> {
  return lazily(async () => {
    const { QueueServiceClient } = await import('@azure/storage-queue');
    const options = { retryOptions: STORAGE_RETRIES };
    if ('connectionString' in storage)
      return QueueServiceClient.fromConnectionString(storage.connectionString, options);
    return new QueueServiceClient(storage.queueServiceUri, await azureCredential(), options);
  });
}
