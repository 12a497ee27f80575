import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { heartbeatWhenQuiet } from '../../../shared/edge/event-stream.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const bytes = (text: string) => Buffer.from(text);
const textOf = async (next: Promise<IteratorResult<Uint8Array, unknown>>) => String((await next).value);

function handFed() {
  const asked: PromiseWithResolvers<IteratorResult<Uint8Array, undefined>>[] = [];
  let ended = 0;
  const source = {
    next() {
      const coming = Promise.withResolvers<IteratorResult<Uint8Array, undefined>>();
      asked.push(coming);
      return coming.promise;
    },
    async return() {
      ended += 1;
      return { done: true as const, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
  return { source, asked, ended: () => ended };
}

it('says every 15 seconds that it lives, loses nothing and asks the source once', async () => {
  const { source, asked } = handFed();
  const stream = heartbeatWhenQuiet(source);
  const first = stream.next();
  await vi.advanceTimersByTimeAsync(15_000);
  expect(await textOf(first)).toBe(': heartbeat\n\n');
  const second = stream.next();
  await vi.advanceTimersByTimeAsync(15_000);
  expect(await textOf(second)).toBe(': heartbeat\n\n');

  asked[0]?.resolve({ done: false, value: bytes('one') });
  await vi.advanceTimersByTimeAsync(0);
  expect(await textOf(stream.next())).toBe('one');
  expect(asked).toHaveLength(1);
});

it('is silent while events flow', async () => {
  const { source, asked } = handFed();
  const stream = heartbeatWhenQuiet(source);
  for (let number = 0; number < 10; number += 1) {
    const next = stream.next();
    await vi.advanceTimersByTimeAsync(9_000);
    asked[number]?.resolve({ done: false, value: bytes(String(number)) });
    expect(await textOf(next)).toBe(String(number));
  }
});

it('ends with its source, fails with it, and ends it; no clock is left', async () => {
  const over = handFed();
  const stream = heartbeatWhenQuiet(over.source);
  const end = stream.next();
  over.asked[0]?.resolve({ done: true, value: undefined });
  expect((await end).done).toBe(true);

  const broken = handFed();
  const failing = heartbeatWhenQuiet(broken.source).next();
  broken.asked[0]?.reject(new Error('broken'));
  await expect(failing).rejects.toThrow('broken');

  const left = handFed();
  await heartbeatWhenQuiet(left.source).return?.();
  expect(left.ended()).toBe(1);
  expect(vi.getTimerCount()).toBe(0);
});
