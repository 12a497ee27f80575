import type { StorageConfig } from '../../config.ts';
import { AppError } from '../../errors.ts';
import { putIntoEnvelope } from '../../telemetry/message-envelope.ts';
import { withSpan } from '../../telemetry/span.ts';
import { storageCall } from '../azure-storage.ts';
import { queueService } from './queue-service.ts';

/** Larger messages would have to name a blob instead. */
const MAX_MESSAGE_BYTES = 48 * 1024;
const NEVER = -1;

export interface MessageQueues<Q extends string> {
  /** Sends a message as JSON, in the base64 that the Functions host reads; with a delay it is hidden until then. */
  send(queue: Q, message: object, delaySeconds?: number): Promise<void>;
  /** Creates the queues, and those for their poison messages, that are missing. */
  ensureQueues(): Promise<void>;
}

/** Queues of Azure Queue Storage whose messages wait until they are read. */
export function createMessageQueues<Q extends string>(storage: StorageConfig, names: readonly Q[]): MessageQueues<Q> {
  const service = queueService(storage);
  return {
    send: (queue, message, visibilityTimeout = 0) =>
      withSpan(
        `send ${queue}`,
        {
          'messaging.system': 'azure_storage_queue',
          'messaging.operation.type': 'send',
          'messaging.destination.name': queue,
        },
        async () => {
          const body = Buffer.from(JSON.stringify(putIntoEnvelope(message)));
          if (body.length > MAX_MESSAGE_BYTES) throw new AppError('internal', `A message for ${queue} is too large.`);
          const client = (await service()).getQueueClient(queue);
          const text = body.toString('base64');
          await storageCall((abortSignal) =>
            client.sendMessage(text, { abortSignal, messageTimeToLive: NEVER, visibilityTimeout }),
          );
        },
        { kind: 'producer' },
      ),
    async ensureQueues() {
      const client = await service();
      for (const name of names.flatMap((queue) => [queue, `${queue}-poison`])) {
        await storageCall((abortSignal) => client.getQueueClient(name).createIfNotExists({ abortSignal }));
      }
    },
  };
}
