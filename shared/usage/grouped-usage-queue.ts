import type { UsageRecord } from '../contracts/usage.ts';
import type { UsageQueue } from './usage-queue.ts';

/**
 * Sends what comes while a message is under way together in the next one: under load, many calls share a message; without,
 * nobody waits for company. Whoever sends learns whether its own records are safely queued.
 */
export function groupUsage(queue: UsageQueue): UsageQueue {
  let underWay: Promise<void> | null = null;
  let gathering: { readonly records: UsageRecord[]; readonly sent: Promise<void> } | null = null;

  function sendNow(records: readonly UsageRecord[]): Promise<void> {
    const sent = queue.send(records);
    const over = sent
      .catch(() => undefined)
      .then(() => {
        if (underWay === over) underWay = null;
      });
    underWay = over;
    return sent;
  }

  function gather(after: Promise<void>): NonNullable<typeof gathering> {
    const records: UsageRecord[] = [];
    const sent = after.then(() => {
      gathering = null;
      return sendNow(records);
    });
    return { records, sent };
  }

  return {
    send(records) {
      if (!underWay) return sendNow(records);
      gathering ??= gather(underWay);
      gathering.records.push(...records);
      return gathering.sent;
    },
  };
}
