import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import type { QueueSettings } from './host-settings.ts';
import type { ListenerContext } from './listener.ts';
import { holdMessage, type QueueLease } from './queue-lease.ts';
import { decodeMessage, encodeMessage, messageMetadata } from './queue-message.ts';

interface QueueProcessorOptions extends ListenerContext {
  readonly queue: QueueClient;
  readonly poison: QueueClient;
  readonly settings: QueueSettings;
  readonly leaseSeconds: number;
  readonly onError: (error: unknown) => void;
}

/** Runs a function for received messages and settles them as the real host does. */
export interface QueueProcessor {
  /** Hides the message until it is settled. */
  hold(message: DequeuedMessageItem): QueueLease;
  /** Deletes the message on success; else it comes back after `visibilityTimeout`, or goes to the poison queue. */
  process(message: DequeuedMessageItem, lease: QueueLease): Promise<void>;
}

/** Makes the processor of one queue function. */
export function createQueueProcessor(options: QueueProcessorOptions): QueueProcessor {
  const { functionName, invoker, queue, settings } = options;
  const { maxDequeueCount, messageEncoding, visibilityTimeout } = settings;
  return {
    hold: (message) => holdMessage(queue, message, options.leaseSeconds, options.onError),
    async process(message, lease) {
      const text = decodeMessage(message.messageText, messageEncoding);
      // Past the limit, an earlier host was killed while it ran the last attempt.
      const isPoison = text === undefined || message.dequeueCount > maxDequeueCount;
      if (isPoison) return moveToPoison(options, text ?? message.messageText, lease);
      const reason = `New queue message detected on '${queue.name}'.`;
      const triggerMetadata = messageMetadata(message, text);
      const succeeded = await invoker.invoke({ functionName, reason, data: { string: text }, triggerMetadata }).then(
        () => true,
        () => false,
      );
      if (succeeded) return lease.complete();
      if (message.dequeueCount >= maxDequeueCount) return moveToPoison(options, text, lease);
      return lease.abandon(visibilityTimeout);
    },
  };
}

async function moveToPoison(options: QueueProcessorOptions, text: string, lease: QueueLease): Promise<void> {
  const { functionName, log, poison, settings } = options;
  log({
    level: 'warning',
    category: 'Host.Queues',
    function: functionName,
    message: `Message has reached MaxDequeueCount or cannot be decoded. Moving message to queue '${poison.name}'.`,
  });
  await poison.createIfNotExists();
  await poison.sendMessage(encodeMessage(text, settings.messageEncoding));
  await lease.complete();
}
