import type { StorageConfig } from '../../config.ts';
import type { UsageEventsMessage } from '../../contracts/usage.ts';
import type { UsageQueue } from '../../usage/usage-queue.ts';
import { createMessageQueues, type MessageQueues } from './message-queues.ts';

/** At most 1,300 bytes each, so that they fit into a message together. */
const RECORDS_PER_MESSAGE = 32;

/** The way of usage records to the worker that enters them in the ledger. */
export function createUsageQueue(storage: StorageConfig): UsageQueue & Pick<MessageQueues<string>, 'ensureQueues'> {
  const { send, ensureQueues } = createMessageQueues(storage, ['usage-events']);
  return {
    async send(records) {
      for (let start = 0; start < records.length; start += RECORDS_PER_MESSAGE) {
        const message: UsageEventsMessage = { records: records.slice(start, start + RECORDS_PER_MESSAGE) };
        await send('usage-events', message);
      }
    },
    ensureQueues,
  };
}
