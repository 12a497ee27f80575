import type { StorageConfig } from '../../config.ts';
import { storageCall } from '../azure-storage.ts';
import { blobService } from './blob-service.ts';

export const RUNS_CONTAINER = 'runs';
export const AUDIT_CONTAINER = 'audit';
/** All that there are. */
export const CONTAINERS = ['documents', 'drop', RUNS_CONTAINER, AUDIT_CONTAINER];

/** Creates the containers that are missing. */
export async function ensureContainers(storage: StorageConfig): Promise<void> {
  const service = await blobService(storage)();
  for (const name of CONTAINERS) {
    await storageCall((abortSignal) => service.getContainerClient(name).createIfNotExists({ abortSignal }));
  }
}
