/** Stands in for `shared/adapters/storage-queue/queue-service.ts`: takes every message at once, and forgets it. */
export function queueService() {
  const queue = { sendMessage: async () => undefined, createIfNotExists: async () => undefined };
  return async () => ({ getQueueClient: () => queue });
}
