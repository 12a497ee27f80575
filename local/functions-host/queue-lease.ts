import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import { storageStatus } from './storage-clients.ts';

/** Holds one message hidden while a function runs, and settles it afterwards. */
export interface QueueLease {
  /** The message is done. */
  complete(): Promise<void>;
  /** The message becomes visible again after so many milliseconds. */
  abandon(milliseconds: number): Promise<void>;
}

/** Keeps a received message hidden by renewing its `leaseSeconds` at half time, until it is settled. */
export function holdMessage(
  queue: QueueClient,
  message: DequeuedMessageItem,
  leaseSeconds: number,
  onError: (error: unknown) => void,
): QueueLease {
  let popReceipt: string | undefined = message.popReceipt;
  let renewal: Promise<void> = Promise.resolve();
  const hide = async (seconds: number) => {
    const updated = await queue.updateMessage(message.messageId, popReceipt ?? '', undefined, seconds);
    popReceipt = updated.popReceipt;
  };
  const timer = setInterval(() => {
    renewal = hide(leaseSeconds).catch(onError);
  }, leaseSeconds * 500);
  timer.unref();
  // Renewing changes the receipt, so settling waits for a renewal under way.
  const settleNow = async (action: () => Promise<unknown>) => {
    clearInterval(timer);
    await renewal;
    await action().catch((error: unknown) => {
      // Gone already, or taken by another after the lease ran out: settled either way.
      if (storageStatus(error) !== 404 && storageStatus(error) !== 400) onError(error);
    });
  };
  // The first to settle decides: a host that stops must not give back what is being deleted.
  let settled: Promise<void> | undefined;
  const settle = (action: () => Promise<unknown>) => {
    settled ??= settleNow(action);
    return settled;
  };
  return {
    complete: () => settle(() => queue.deleteMessage(message.messageId, popReceipt ?? '')),
    abandon: (milliseconds) => settle(() => hide(Math.ceil(milliseconds / 1000))),
  };
}
