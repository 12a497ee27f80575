import { UsageEventsMessage } from '../shared/contracts/usage.ts';
import { queueWorker } from '../shared/edge/queue-worker.ts';

queueWorker({
  queue: 'usage-events',
  message: UsageEventsMessage,
  handle: ({ message, services }) => services.usage.ledger.write(message.records),
  giveUp: async ({ message, services }) => services.log.error('usage given up; replay its poison message', message),
});
