import pLimit from 'p-limit';
import type { StorageConfig } from '../../config.ts';
import type { IngestionQueues } from '../../knowledge/ingestion-queues.ts';
import { createMessageQueues, type MessageQueues } from './message-queues.ts';

/** The names of the queues. */
export const INGESTION_QUEUES = [
  'document-chunk',
  'chunk-embed',
  'document-align',
  'document-delete',
  'drop-events',
  'document-import',
  'knowledge-reindex',
] as const;
const CONCURRENT_SENDS = 8;

/** The ingestion pipeline's queues. */
export function createIngestionQueues(
  storage: StorageConfig,
): IngestionQueues & Pick<MessageQueues<string>, 'ensureQueues'> {
  const { send, ensureQueues } = createMessageQueues(storage, INGESTION_QUEUES);
  return {
    documentChunk: (message, delaySeconds) => send('document-chunk', message, delaySeconds),
    async chunkEmbed(messages, delaySeconds) {
      await pLimit(CONCURRENT_SENDS).map(messages, (message) => send('chunk-embed', message, delaySeconds));
    },
    documentAlign: (message, delaySeconds) => send('document-align', message, delaySeconds),
    documentDelete: (message) => send('document-delete', message),
    documentImport: (message) => send('document-import', message),
    dropEvent: (message) => send('drop-events', message),
    reindex: (message, delaySeconds) => send('knowledge-reindex', message, delaySeconds),
    ensureQueues,
  };
}
