import type { StorageConfig } from '../../config.ts';
import type { ErasureQueue } from '../../privacy/erasure-repository.ts';
import { createMessageQueues, type MessageQueues } from './message-queues.ts';

export function createErasureQueue(storage: StorageConfig): ErasureQueue & Pick<MessageQueues<string>, 'ensureQueues'> {
  const { send, ensureQueues } = createMessageQueues(storage, ['privacy-erasure']);
  return { send: (message) => send('privacy-erasure', message), ensureQueues };
}
