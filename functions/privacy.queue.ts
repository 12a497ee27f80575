import { ErasureMessage } from '../shared/contracts/privacy.ts';
import { queueWorker } from '../shared/edge/queue-worker.ts';

queueWorker({
  queue: 'privacy-erasure',
  message: ErasureMessage,
  handle: ({ message, services }) => services.privacy.erasures.work(message),
  giveUp: ({ message, services }) => services.privacy.erasures.giveUp(message),
});
