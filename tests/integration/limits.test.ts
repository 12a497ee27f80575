import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCounterStore } from '../../shared/adapters/cosmos/counter-store.ts';
import type { Reservation } from '../../shared/limits/token-rate-limiter.ts';
import {
  anySignal,
  counters,
  countersOf,
  counting,
  failureOf,
  limiterAt,
  MINUTE,
  SECOND,
  spenderWith,
  tokens,
} from './support/limits.ts';
import { cosmos } from './support/platform.ts';

const NOON = '2026-11-23T12:00:00Z';
const MINUTE_AT_NOON = 'minute_202611231200';

function sum(amounts: Readonly<Record<string, number>>): number {
  return Object.values(amounts).reduce((total, amount) => total + amount, 0);
}

describe('limits per minute', () => {
  it('admit exactly what fits when two instances get 200 calls at once', async () => {
    const spender = spenderWith({ tenantLimits: { tokensPerMinute: 1_050 } });
    const instances = [limiterAt(NOON), limiterAt(NOON, { store: createCounterStore(cosmos) })] as const;

    const calls = Array.from({ length: 200 }, (_, index) => instances[index % 2 ? 1 : 0].reserve(spender, tokens(10)));
    const outcomes = await Promise.allSettled(calls);

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(105);
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []));
    expect(new Set(refused)).toEqual(new Set(['too_many_requests']));
    expect((await countersOf(spender)).tokens[MINUTE_AT_NOON]).toBe(1_050);
  });

  it('say which limit refused, and admit again at the very second that they name', async () => {
    const limiter = limiterAt('2026-11-23T12:00:37.300Z');
    const spender = spenderWith({ userLimits: { requestsPerMinute: 2 }, tenantLimits: { tokensPerMinute: 1_000 } });
    await limiter.reserve(spender, tokens(10));
    await limiter.reserve(spender, tokens(10));

    const error = await failureOf(limiter.reserve(spender, tokens(10)));
    const tenantId = spender.tenantChain[0].id;

    expect(error).toMatchObject({ code: 'too_many_requests', retryAfterSeconds: 23 });
    expect(error.details).toEqual({
      scope: `user:${tenantId}:${spender.userId}`,
      window: 'minute',
      measure: 'requests',
      limit: 2,
      remaining: 0,
      resetSeconds: 23,
    });
    expect(error.message).toBe(
      'Your account may use 2 requests per minute: 0 requests left, and this call may need 1 request. Try again in 23 s.',
    );
    expect(await countersOf(spender), 'the tenant got back what it had granted').toMatchObject({
      tokens: { [MINUTE_AT_NOON]: 20 },
      requests: { [MINUTE_AT_NOON]: 2 },
    });
    limiter.advance(22 * SECOND);
    await failureOf(limiter.reserve(spender, tokens(10)));
    limiter.advance(SECOND);
    await limiter.reserve(spender, tokens(10));
  });

  it('name the refusal that lasts longest', async () => {
    const limiter = limiterAt(NOON);
    const spender = spenderWith({
      tenantLimits: { requestsPerMinute: 1 },
      userBudgets: { day: { tokens: 10, hard: true } },
    });
    await (await limiter.reserve(spender, tokens(10))).settle({ tokens: 10, microUsd: 0 });

    const error = await failureOf(limiter.reserve(spender, tokens(10)));

    expect(error.details).toMatchObject({ window: 'day' });
    expect(error.retryAfterSeconds).toBe(12 * 60 * 60);
  });

  it('of an ancestor refuse all tenants below it together', async () => {
    const limiter = limiterAt(NOON);
    const one = spenderWith({ tenantLimits: { tokensPerMinute: 100 } }, { tenantLimits: { tokensPerMinute: 100 } });
    const [, organisation] = one.tenantChain;
    const other = spenderWith({ tenantLimits: { tokensPerMinute: 100 } });
    if (!organisation) throw new Error('There is no tenant above.');
    await limiter.reserve(one, tokens(60));

    const error = await failureOf(
      limiter.reserve({ ...other, tenantChain: [other.tenantChain[0], organisation] }, tokens(50)),
    );

    expect(error.details).toMatchObject({ scope: `tenant:${organisation.id}`, limit: 100, remaining: 40 });
    expect(error.message).toContain(`The tenant ${organisation.id} above yours may use 100 tokens per minute`);
    expect((await countersOf(other)).tokens[MINUTE_AT_NOON]).toBe(0);
  });

  it('do not advise to wait for what can never fit', async () => {
    const error = await failureOf(
      limiterAt(NOON).reserve(spenderWith({ tenantLimits: { tokensPerMinute: 100 } }), tokens(101)),
    );

    expect(error.retryAfterSeconds).toBeUndefined();
    expect(error.message).toBe(
      'This call may need 101 tokens, but your tenant may use 100 tokens per minute. Make it smaller.',
    );
  });

  it('tell what is left in the tightest scope', async () => {
    const spender = spenderWith({
      userLimits: { tokensPerMinute: 200 },
      tenantLimits: { tokensPerMinute: 1_000, requestsPerMinute: 4 },
    });

    const { scope, limit, remaining, resetSeconds } = await limiterAt(NOON).reserve(spender, tokens(50));

    expect({ scope, limit, remaining, resetSeconds }).toEqual({
      scope: `user:${spender.tenantChain[0].id}:${spender.userId}`,
      limit: { tokens: 200, requests: 4 },
      remaining: { tokens: 150, requests: 3 },
      resetSeconds: 60,
    });
  });
});

describe('a reservation', () => {
  it('takes one write for each scope at the same time, whatever time has passed, and nothing without limits', async () => {
    const { store, calls } = counting(counters);
    const limiter = limiterAt(NOON, { store });
    const spender = spenderWith({
      userLimits: { requestsPerMinute: 5 },
      tenantBudgets: { month: { tokens: 1_000, hard: true } },
    });
    await limiter.reserve(spender, tokens(1));
    for (const time of [NOON, '2026-11-23T12:05:00Z', '2026-11-24T00:00:00Z', '2027-01-01T00:00:00Z']) {
      calls.length = 0;
      limiter.moveTo(time);
      await limiter.reserve(spender, tokens(1));
      expect(calls, time).toEqual(['add', 'add']);
    }
    calls.length = 0;
    const free = await limiter.reserve(spenderWith({}), tokens(1_000_000));
    await free.settle({ tokens: 1, microUsd: 1 });
    expect(calls).toEqual([]);
    expect(free.scope).toBeNull();
  });

  it.each([
    ['less', 40],
    ['more', 130],
  ])('books what was really used when that is %s than estimated', async (_, used) => {
    const limiter = limiterAt(NOON);
    const spender = spenderWith({ tenantLimits: { tokensPerMinute: 200 } });
    const reservation = await limiter.reserve(spender, { tokens: 100, microUsd: 70, knowledgeBaseIds: [] });

    await reservation.settle({ tokens: used, microUsd: 55 });

    expect(await countersOf(spender)).toEqual({
      tokens: { [MINUTE_AT_NOON]: used, day_20261123: used, month_202611: used },
      requests: { [MINUTE_AT_NOON]: 1 },
      microUsd: { day_20261123: 55, month_202611: 55 },
      heldTokens: { slot_202611231200: 0 },
      heldMicroUsd: { slot_202611231200: 0 },
    });
  });

  it('counts once, however often and by whomever it is ended', async () => {
    const limiter = limiterAt(NOON);
    const spender = spenderWith({ tenantLimits: { tokensPerMinute: 200 } });
    const reservation = await limiter.reserve(spender, tokens(100));

    const actual = { tokens: 60, microUsd: 5 };
    await Promise.all([reservation.settle(actual), reservation.settle(actual), reservation.release()]);
    await reservation.release();

    const state = await countersOf(spender);
    expect(state.tokens).toMatchObject({ [MINUTE_AT_NOON]: 60, month_202611: 60 });
    expect(state.heldTokens).toEqual({ slot_202611231200: 0 });
  });

  it('gives everything back when it is released', async () => {
    const limiter = limiterAt(NOON);
    const spender = spenderWith({ tenantLimits: { tokensPerMinute: 100, requestsPerMinute: 1 } });

    await (await limiter.reserve(spender, tokens(100))).release();

    await limiter.reserve(spender, tokens(100));
  });

  it('corrects the minute only while it lasts', async () => {
    const limiter = limiterAt('2026-11-23T12:00:59Z');
    const spender = spenderWith({ tenantLimits: { tokensPerMinute: 100 } });
    const reservation = await limiter.reserve(spender, tokens(80));
    limiter.advance(SECOND);
    await limiter.reserve(spender, tokens(30));

    await reservation.settle({ tokens: 10, microUsd: 0 });

    expect((await countersOf(spender)).tokens).toMatchObject({ minute_202611231201: 30, day_20261123: 10 });
  });

  it('keeps the counters small however long they are used', async () => {
    const limiter = limiterAt(NOON);
    const spender = spenderWith({ tenantLimits: { tokensPerMinute: 100 } });
    for (let minute = 0; minute < 40; minute++) {
      await (await limiter.reserve(spender, tokens(1))).settle({ tokens: 1, microUsd: 1 });
      limiter.advance(MINUTE);
    }

    const state = await countersOf(spender);

    expect(Object.values(state).flatMap((cells) => Object.keys(cells)).length).toBeLessThan(45);
    expect(state.tokens.day_20261123).toBe(40);
  });
});

describe('a burst of one tenant', () => {
  it('lets another tenant pass', async () => {
    const limiter = limiterAt(NOON);
    const policy = { tenantLimits: { tokensPerMinute: 10_000 } };
    const busy = spenderWith(policy);
    const calm = spenderWith(policy);
    let done = 0;
    const burst = Array.from({ length: 300 }, () => limiter.reserve(busy, tokens(1)).then(() => done++));

    await limiter.reserve(calm, tokens(1));
    const before = done;
    await Promise.all(burst);

    expect(before).toBeLessThan(60);
  });
});

describe('whatever happens at the same time', () => {
  const call = fc.record({
    instance: fc.constantFrom(0, 1),
    estimate: fc.integer({ min: 0, max: 60 }),
    end: fc.oneof(fc.constant('release' as const), fc.integer({ min: 0, max: 60 })),
  });

  it('never admits more than the limit, never counts below 0, and ends with the sum of what was used', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(call, { maxLength: 12 }), { minLength: 1, maxLength: 4 }), async (rounds) => {
        const spender = spenderWith({
          tenantLimits: { tokensPerMinute: 200, requestsPerMinute: 9 },
          tenantBudgets: { day: { tokens: 500, microUsd: 400, hard: true } },
        });
        const instances = [limiterAt(NOON), limiterAt(NOON)] as const;
        let used = 0;
        for (const round of rounds) {
          const admitted: number[] = [];
          const ends = await Promise.all(
            round.map(async ({ instance, estimate, end }) => {
              const amounts = { tokens: estimate, microUsd: estimate, knowledgeBaseIds: [] };
              const reservation = await instances[instance].reserve(spender, amounts).catch(() => undefined);
              if (!reservation) return;
              admitted.push(estimate);
              return { reservation, actual: end === 'release' ? end : Math.min(end, estimate) };
            }),
          );
          expect(sum(Object.fromEntries(admitted.entries()))).toBeLessThanOrEqual(200);
          expect(admitted.length).toBeLessThanOrEqual(9);
          await Promise.all(ends.map((ended) => ended && finish(ended.reservation, ended.actual)));
          used += ends.reduce((total, ended) => total + (typeof ended?.actual === 'number' ? ended.actual : 0), 0);
          expect(used).toBeLessThanOrEqual(400);
          for (const instance of instances) instance.advance(MINUTE);
        }
        const state = await counters.read(`tenant:${spender.tenantChain[0].id}`, anySignal());
        const cells = Object.values(state ?? {}).flatMap((amounts) => Object.values(amounts));
        expect(cells.every((amount) => amount >= 0)).toBe(true);
        expect(sum(state?.heldTokens ?? {}) + sum(state?.heldMicroUsd ?? {})).toBe(0);
        expect(state?.tokens.day_20261123 ?? 0).toBe(used);
        expect(state?.microUsd.month_202611 ?? 0).toBe(used);
      }),
      { numRuns: 15 },
    );
  });

  function finish(reservation: Reservation, actual: number | 'release'): Promise<void> {
    return actual === 'release' ? reservation.release() : reservation.settle({ tokens: actual, microUsd: actual });
  }
});
