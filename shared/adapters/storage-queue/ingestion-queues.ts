import pLimit from 'p-limit';
import type { StorageConfig } from '../../config.ts';
import { AppError } from '../../errors.ts';
import type { IngestionQueues } from '../../knowledge/ingestion-queues.ts';
import { storageCall } from '../azure-storage.ts';
import { queueService } from './queue-service.ts';

const QUEUES = ['document-chunk', 'chunk-embed', 'document-delete'] as const;
const CONCURRENT_SENDS = 8;
/** Larger messages would have to name a blob instead. */
const MAX_MESSAGE_BYTES = 48 * 1024;
const NEVER = -1;

/** The ingestion pipeline's queues in Azure Queue Storage, in the base64 that the Functions host reads. */
export function createIngestionQueues(storage: StorageConfig): IngestionQueues & {
  /** Creates the queues, and those for their poison messages, that are missing. */
  ensureQueues(): Promise<void>;
} {
  const service = queueService(storage);

  async function send(queue: (typeof QUEUES)[number], message: unknown): Promise<void> {
    const body = Buffer.from(JSON.stringify(message));
    if (body.length > MAX_MESSAGE_BYTES) throw new AppError('internal', `A message for ${queue} is too large.`);
    const client = (await service()).getQueueClient(queue);
    const text = body.toString('base64');
    await storageCall((abortSignal) => client.sendMessage(text, { abortSignal, messageTimeToLive: NEVER }));
  }

  return {
    documentChunk: (message) => send('document-chunk', message),
    async chunkEmbed(messages) {
      await pLimit(CONCURRENT_SENDS).map(messages, (message) => send('chunk-embed', message));
    },
    documentDelete: (message) => send('document-delete', message),

    async ensureQueues() {
      const client = await service();
      for (const name of QUEUES.flatMap((queue) => [queue, `${queue}-poison`])) {
        await storageCall((abortSignal) => client.getQueueClient(name).createIfNotExists({ abortSignal }));
      }
    },
  };
}
