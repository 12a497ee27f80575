import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import { resolveSettings } from './app-settings.ts';
import type { Binding } from './core-types.ts';
import type { QueueSettings } from './host-settings.ts';
import { type Listener, type ListenerContext, pause } from './listener.ts';
import type { QueueLease } from './queue-lease.ts';
import { createQueueProcessor } from './queue-processor.ts';
import { connectQueues, storageStatus } from './storage-clients.ts';

const MIN_POLLING_MILLISECONDS = 100;

export interface QueueListenerOptions extends ListenerContext {
  readonly trigger: Binding;
  readonly settings: QueueSettings;
  /** How long a message stays hidden without renewal, in seconds; also how long a killed host's messages wait. */
  readonly leaseSeconds: number;
}

/** Runs a function once for each message of its queue, with the retries and the poison queue of the real host. */
export function createQueueListener(options: QueueListenerOptions): Listener {
  const { functionName, invoker, log, settings, trigger } = options;
  const queueName = resolveSettings(String(trigger.queueName)).toLowerCase();
  const service = connectQueues(trigger.connection as string | undefined);
  const queue = service.getQueueClient(queueName);
  const stopping = new AbortController();
  const running = new Map<Promise<void>, QueueLease>();
  const newBatchThreshold = settings.newBatchThreshold ?? settings.batchSize / 2;
  let polling: Promise<void> = Promise.resolve();
  let isFailing = false;

  const report = (message: string) => (error: unknown) =>
    log({ level: 'error', category: 'Host.Queues', function: functionName, message: `${message}: ${String(error)}` });

  const processor = createQueueProcessor({
    ...options,
    queue,
    poison: service.getQueueClient(`${queueName}-poison`),
    onError: report('A message could not be updated'),
  });

  function begin(message: DequeuedMessageItem): void {
    const lease = processor.hold(message);
    const work = processor
      .process(message, lease)
      .catch((error: unknown) => {
        report('A message could not be settled')(error);
        return lease.abandon(settings.visibilityTimeout);
      })
      .finally(() => running.delete(work));
    running.set(work, lease);
  }

  async function giveBack(messages: DequeuedMessageItem[]): Promise<void> {
    await Promise.all(messages.map((message) => processor.hold(message).abandon(0)));
  }

  async function receiveOrReport(): Promise<DequeuedMessageItem[]> {
    try {
      const messages = await receive(queue, options);
      isFailing = false;
      return messages;
    } catch (error) {
      // While storage is down every poll fails in the same way: one line of it is enough.
      if (!isFailing) report('The queue could not be read')(error);
      isFailing = true;
      return [];
    }
  }

  /** Takes what is there, and waits when that is nothing; returns the next wait in milliseconds. */
  async function takeBatch(idle: number): Promise<number> {
    const messages = await receiveOrReport();
    if (stopping.signal.aborted) await giveBack(messages);
    else for (const message of messages) begin(message);
    if (messages.length > 0) return MIN_POLLING_MILLISECONDS;
    await pause(idle, stopping.signal);
    return Math.min(idle * 2, settings.maxPollingInterval);
  }

  async function poll(): Promise<void> {
    let idle = MIN_POLLING_MILLISECONDS;
    while (!stopping.signal.aborted) {
      if (running.size > newBatchThreshold) await Promise.race(running.keys());
      else idle = await takeBatch(idle);
    }
  }

  return {
    async run(input) {
      const reason = 'This function was programmatically called via the host APIs.';
      await invoker.invoke({ functionName, reason, data: { string: input }, triggerMetadata: {} });
    },
    async start() {
      await queue.createIfNotExists().catch(report(`The queue '${queueName}' could not be created`));
      polling = poll();
    },
    async stop() {
      stopping.abort();
      await polling;
      await Promise.all(running.keys());
    },
    async release() {
      await Promise.all([...running.values()].map((lease) => lease.abandon(0)));
    },
  };
}

async function receive(queue: QueueClient, options: QueueListenerOptions): Promise<DequeuedMessageItem[]> {
  try {
    const received = await queue.receiveMessages({
      numberOfMessages: options.settings.batchSize,
      visibilityTimeout: options.leaseSeconds,
    });
    return received.receivedMessageItems;
  } catch (error) {
    if (storageStatus(error) !== 404) throw error;
    await queue.createIfNotExists();
    return [];
  }
}
