import type { StorageConfig } from '../../config.ts';
import type { Dependency } from '../../health.ts';
import { storageCall } from '../azure-storage.ts';
import { blobService } from './blob-service.ts';
import { RUNS_CONTAINER } from './containers.ts';

/** Whether the blob service answers, accepts our credentials and has been migrated. */
export function createBlobStorageDependency(storage: StorageConfig): Dependency {
  const service = blobService(storage);
  return {
    name: 'blob-storage',
    advice: 'Check that storage runs, PlatformStorage or the role assignment, and run the migration.',
    async check(signal) {
      const container = (await service()).getContainerClient(RUNS_CONTAINER);
      await storageCall((timeout) => container.getProperties({ abortSignal: AbortSignal.any([signal, timeout]) }));
    },
  };
}
