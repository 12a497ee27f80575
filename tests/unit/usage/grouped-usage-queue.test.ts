import { expect, it } from 'vitest';
import type { UsageRecord } from '../../../shared/contracts/usage.ts';
import { groupUsage } from '../../../shared/usage/grouped-usage-queue.ts';

const record = (id: string) => ({ id }) as UsageRecord;

function slowQueue() {
  const messages: string[][] = [];
  const waiting: PromiseWithResolvers<void>[] = [];
  const queue = groupUsage({
    send(records) {
      messages.push(records.map(({ id }) => id));
      const sent = Promise.withResolvers<void>();
      waiting.push(sent);
      return sent.promise;
    },
  });
  return { queue, messages, waiting };
}

const settle = () => new Promise(setImmediate);

it('sends at once when nothing is under way', async () => {
  const { queue, messages, waiting } = slowQueue();
  const sent = queue.send([record('a')]);
  waiting[0]?.resolve();
  await sent;

  expect(messages).toEqual([['a']]);
});

it('sends together what came while a message was under way, each once', async () => {
  const { queue, messages, waiting } = slowQueue();
  const all = [queue.send([record('a')]), queue.send([record('b')]), queue.send([record('c'), record('d')])];
  waiting[0]?.resolve();
  await settle();
  const later = queue.send([record('e')]);
  waiting[1]?.resolve();
  await settle();
  waiting[2]?.resolve();
  await Promise.all([...all, later]);

  expect(messages).toEqual([['a'], ['b', 'c', 'd'], ['e']]);
});

it('tells of a message that failed only those whose records were in it', async () => {
  const { queue, waiting } = slowQueue();
  const all = Promise.allSettled([queue.send([record('a')]), queue.send([record('b')]), queue.send([record('c')])]);
  waiting[0]?.reject(new Error('The queue is down.'));
  await settle();
  waiting[1]?.resolve();

  expect((await all).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
});
