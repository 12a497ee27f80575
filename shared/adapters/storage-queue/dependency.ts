import type { StorageConfig } from '../../config.ts';
import type { Dependency } from '../../health.ts';
import { storageCall } from '../azure-storage.ts';
import { queueService } from './queue-service.ts';

/** Whether the queue service answers, accepts our credentials and has been migrated. */
export function createStorageQueueDependency(storage: StorageConfig): Dependency {
  const service = queueService(storage);
  return {
    name: 'storage-queue',
    advice: 'Check that storage runs, PlatformStorage or the role assignment, and run the migration.',
    async check(signal) {
      const queue = (await service()).getQueueClient('document-chunk');
      await storageCall((timeout) => queue.getProperties({ abortSignal: AbortSignal.any([signal, timeout]) }));
    },
  };
}
