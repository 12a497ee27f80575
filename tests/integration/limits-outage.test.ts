import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cosmos, createCosmos } from '../../shared/adapters/cosmos/client.ts';
import { createCounterStore } from '../../shared/adapters/cosmos/counter-store.ts';
import { counters, countersOf, failureOf, limiterAt, spenderWith, tokens } from './support/limits.ts';

const NOON = '2026-11-23T12:00:00Z';
const TIMEOUT = 300;
/** What a busy machine may need on top; well below the 10 s after which the SDK itself would give up. */
const SLACK = 5_000;
const limited = { tenantLimits: { tokensPerMinute: 1_000_000 } };

let silent: Server;
let cosmos: Cosmos;
const sockets = new Set<Socket>();

/** Takes connections and never says a word. */
beforeAll(async () => {
  silent = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  cosmos = createCosmos({ endpoint: `https://127.0.0.1:${port}`, key: 'a2V5', database: 'platform' });
});

afterAll(async () => {
  cosmos.close();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => silent.close(resolve));
});

function limiterWithSilentStore() {
  return limiterAt(NOON, { store: createCounterStore(cosmos), timeout: TIMEOUT });
}

describe('while the counters do not answer', () => {
  it('refuses in time and says so, if the policy says nothing', async () => {
    const started = performance.now();

    const error = await failureOf(limiterWithSilentStore().reserve(spenderWith(limited), tokens(10)));

    expect(performance.now() - started).toBeLessThan(TIMEOUT + SLACK);
    expect(error).toMatchObject({ code: 'dependency_unavailable', details: { choice: 'refuse' } });
    expect(error.retryAfterSeconds).toBeGreaterThan(0);
    expect(error.message).toContain('limits of your tenant cannot be checked');
  });

  it('admits without counting and logs it, if the policy allows that', async () => {
    const limiter = limiterWithSilentStore();
    const started = performance.now();

    const reservation = await limiter.reserve(spenderWith({ ...limited, whenCountersAreDown: 'allow' }), tokens(10));
    await reservation.settle({ tokens: 10, microUsd: 0 });

    expect(performance.now() - started).toBeLessThan(TIMEOUT + SLACK);
    expect(reservation.scope).toBeNull();
    expect(limiter.logged).toEqual(['a call was admitted without a check of its limits']);
  });

  it('lets no more than a bounded number wait, and all of them only for the timeout', async () => {
    const limiter = limiterWithSilentStore();
    const spender = spenderWith(limited);
    const started = performance.now();

    const errors = await Promise.all(
      Array.from({ length: 1_500 }, () => failureOf(limiter.reserve(spender, tokens(10)))),
    );

    expect(performance.now() - started).toBeLessThan(TIMEOUT + SLACK);
    const codes = errors.map(({ code }) => code);
    expect(codes.filter((code) => code === 'dependency_unavailable')).toHaveLength(1_012);
    expect(codes.filter((code) => code === 'too_many_requests')).toHaveLength(1_500 - 1_012);
  });

  it('does not fail a call that was admitted before', async () => {
    let store = counters;
    const limiter = limiterAt(NOON, { store: { ...counters, add: (...call) => store.add(...call) } });
    const spender = spenderWith(limited);
    const reservation = await limiter.reserve(spender, tokens(10));
    const down = createCosmos({ endpoint: 'https://127.0.0.1:9', key: 'a2V5', database: 'platform' });
    store = createCounterStore(down);

    await reservation.settle({ tokens: 10, microUsd: 0 });
    down.close();

    expect(limiter.logged).toEqual(['a call was not settled with one of the limits']);
    expect((await countersOf(spender)).tokens).toEqual({ minute_202611231200: 10 });
  });
});
