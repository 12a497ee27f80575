import { expect, it } from 'vitest';
import { UsageEventsMessage, type UsageRecord } from '../../../shared/contracts/usage.ts';
import { newId } from '../../../shared/identifiers.ts';
import { createPriceBook } from '../../../shared/models/price-book.ts';
import { createLogger } from '../../../shared/telemetry/logger.ts';
import { createUsageMeter, type UsageEvent } from '../../../shared/usage/usage-meter.ts';
import type { UsageQueue } from '../../../shared/usage/usage-queue.ts';

const event: UsageEvent = {
  tenantId: newId('ten'),
  kind: 'chat',
  userId: 'somebody',
  knowledgeBaseId: null,
  model: 'gpt-4.1',
  usage: { inputTokens: 1_000, cachedInputTokens: 400, outputTokens: 100 },
};

function meterInto(queue: UsageQueue, lines: string[] = []) {
  const log = createLogger('info', (line) => lines.push(line));
  return createUsageMeter({
    queue,
    prices: createPriceBook(),
    newId,
    now: () => new Date('2026-05-01T00:00:00Z'),
    log,
  });
}

async function metered(...events: UsageEvent[]): Promise<readonly UsageRecord[]> {
  const sent: UsageRecord[] = [];
  await meterInto({ send: async (records) => void sent.push(...records) }).record(events);
  return UsageEventsMessage.parse({ records: sent }).records;
}

it('prices a call by what its model reported', async () => {
  expect(await metered(event)).toEqual([
    expect.objectContaining({
      ...event.usage,
      at: '2026-05-01T00:00:00.000Z',
      costMicroUsd: 600 * 2 + 400 * 0.5 + 100 * 8,
      savedMicroUsd: 400 * 1.5,
      isEstimated: false,
      priceVersion: '2025-04',
    }),
  ]);
});

it('counts no tokens and no cost for a cache hit, only what it saved', async () => {
  expect(await metered({ ...event, kind: 'cache-hit' })).toEqual([
    expect.objectContaining({ inputTokens: 0, outputTokens: 0, costMicroUsd: 0, savedMicroUsd: 2_200 }),
  ]);
});

it('makes each call an event of its own, also when it is like another', async () => {
  const records = await metered(event, event);

  expect(new Set(records.map(({ id }) => id)).size).toBe(2);
});

it('never fails, and logs whole what it could not queue', async () => {
  const lines: string[] = [];
  const send = () => Promise.reject(new Error('The queue is down.'));

  await meterInto({ send }, lines).record([event]);

  const { records } = JSON.parse(lines[0] ?? '') as { records: unknown };
  expect(UsageEventsMessage.parse({ records }).records[0]).toMatchObject({ ...event.usage, tenantId: event.tenantId });
});
