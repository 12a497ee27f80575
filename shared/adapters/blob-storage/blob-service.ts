import type { BlobServiceClient } from '@azure/storage-blob';
import type { StorageConfig } from '../../config.ts';
import { azureCredential } from '../azure-credential.ts';
import { STORAGE_RETRIES } from '../azure-storage.ts';
import { lazily } from '../lazily.ts';

export type BlobService = () => Promise<BlobServiceClient>;

/** The account's blobs; opened with the first use. */
export function blobService(storage: StorageConfig): BlobService {
  return lazily(async () => {
    const { BlobServiceClient } = await import('@azure/storage-blob');
    const options = { retryOptions: STORAGE_RETRIES };
    if ('connectionString' in storage) return BlobServiceClient.fromConnectionString(storage.connectionString, options);
    return new BlobServiceClient(storage.blobServiceUri, await azureCredential(), options);
  });
}
