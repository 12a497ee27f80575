import { describe, expect, it } from 'vitest';
import { countersOf, failureOf, limiterAt, MINUTE, spenderWith, tokens } from './support/limits.ts';
import { cosmos } from './support/platform.ts';

const NOON = '2026-11-23T12:00:00Z';
const KNOWLEDGE_BASE = 'kb_01JD3Q5V4M8K2N6P9R1S7T0W3X';

describe('a hard budget', () => {
  it.each(['day', 'month'] as const)('refuses for the rest of the %s', async (period) => {
    const limiter = limiterAt('2026-11-30T23:59:30Z');
    const spender = spenderWith({ tenantBudgets: { [period]: { microUsd: 1_000, hard: true } } });
    const call = { tokens: 5, microUsd: 600, knowledgeBaseIds: [] };
    await (await limiter.reserve(spender, call)).settle({ tokens: 5, microUsd: 600 });

    const error = await failureOf(limiter.reserve(spender, call));

    expect(error).toMatchObject({ code: 'too_many_requests', retryAfterSeconds: 30 });
    expect(error.details).toMatchObject({ window: period, measure: 'microUsd', limit: 1_000, remaining: 400 });
    expect(error.message).toContain(`Your tenant may use $0.001 per ${period}: $0.0004 left`);
    expect(error.message).toContain('Try again at 2026-12-01T00:00:00.000Z');
    limiter.advance(30_000);
    await limiter.reserve(spender, call);
  });

  it('counts what running calls hold, and advises to come back when they may have ended', async () => {
    const limiter = limiterAt(NOON);
    const spender = spenderWith({ userBudgets: { month: { tokens: 100, hard: true } } });
    const running = await limiter.reserve(spender, tokens(80));

    const error = await failureOf(limiter.reserve(spender, tokens(30)));
    await running.settle({ tokens: 70, microUsd: 0 });

    expect(error).toMatchObject({ retryAfterSeconds: 15, details: { window: 'month', remaining: 20 } });
    expect(error.message).toContain('Calls that still run hold the rest. Try again in 15 s.');
    await limiter.reserve(spender, tokens(30));
  });

  it('frees what a crashed call held after 20 minutes, and not before the longest run may have ended', async () => {
    const limiter = limiterAt('2026-11-23T12:09:59Z');
    const spender = spenderWith({ tenantBudgets: { day: { tokens: 100, hard: true } } });
    const crashed = await limiter.reserve(spender, tokens(80));

    limiter.advance(10 * MINUTE);
    await failureOf(limiter.reserve(spender, tokens(80)));
    limiter.advance(MINUTE);
    await limiter.reserve(spender, tokens(80));
    // It was not dead after all: what it used still counts, and it takes nothing from the other's hold.
    await crashed.settle({ tokens: 15, microUsd: 0 });

    expect(await failureOf(limiter.reserve(spender, tokens(30)))).toMatchObject({ details: { remaining: 5 } });
  });

  it('counts a call in the period in which it ends', async () => {
    const limiter = limiterAt('2026-11-30T23:59:50Z');
    const spender = spenderWith({ tenantBudgets: { month: { tokens: 100, hard: true } } });
    const running = await limiter.reserve(spender, tokens(60));
    limiter.advance(MINUTE);
    await failureOf(limiter.reserve(spender, tokens(50)));

    await running.settle({ tokens: 60, microUsd: 0 });

    expect(await failureOf(limiter.reserve(spender, tokens(50)))).toMatchObject({ details: { remaining: 40 } });
    expect((await countersOf(spender)).tokens).toMatchObject({ day_20261201: 60, month_202612: 60 });
  });

  it('still counts a call whose counters were erased while it ran', async () => {
    const limiter = limiterAt(NOON);
    const spender = spenderWith({ tenantBudgets: { day: { tokens: 100, hard: true } } });
    const running = await limiter.reserve(spender, tokens(60));
    const container = await cosmos.container('counters');
    await container.item('state', `tenant:${spender.tenantChain[0].id}`).delete();

    await running.settle({ tokens: 50, microUsd: 0 });

    expect(await countersOf(spender)).toMatchObject({
      tokens: { day_20261123: 50, month_202611: 50 },
      heldTokens: {},
    });
  });

  it('of a knowledge base stops only calls that use it', async () => {
    const limiter = limiterAt(NOON);
    const spender = spenderWith({ knowledgeBaseBudgets: { day: { tokens: 100, hard: true } } });
    const ingestion = { ...spender, userId: null };
    await (await limiter.reserve(ingestion, tokens(90, KNOWLEDGE_BASE))).settle({ tokens: 90, microUsd: 0 });

    const error = await failureOf(limiter.reserve(spender, tokens(20, KNOWLEDGE_BASE)));
    await limiter.reserve(spender, tokens(20, 'kb_01JD3Q5V4M8K2N6P9R1S7T0W3Y'));

    expect(error.details).toMatchObject({ scope: `kb:${spender.tenantChain[0].id}:${KNOWLEDGE_BASE}`, remaining: 10 });
  });
});

describe('budget warnings', () => {
  it('come once at 50, 80 and 100 % of a soft budget, which refuses nothing', async () => {
    const limiter = limiterAt(NOON);
    const spender = spenderWith({ tenantBudgets: { day: { microUsd: 100, hard: false } } });
    const seen: number[][] = [];
    for (const microUsd of [49, 1, 10, 45, 100]) {
      const reservation = await limiter.reserve(spender, { tokens: 1, microUsd, knowledgeBaseIds: [] });
      await reservation.settle({ tokens: 1, microUsd });
      seen.push(limiter.warnings.splice(0).map(({ thresholdPercent }) => thresholdPercent));
    }
    expect(seen).toEqual([[], [50], [], [80, 100], []]);

    limiter.advance(24 * 60 * MINUTE);
    const reservation = await limiter.reserve(spender, tokens(1));
    await reservation.settle({ tokens: 1, microUsd: 60 });
    expect(limiter.warnings).toEqual([
      {
        scope: `tenant:${spender.tenantChain[0].id}`,
        tenantId: spender.tenantChain[0].id,
        period: 'day',
        measure: 'microUsd',
        thresholdPercent: 50,
        limit: 100,
        used: 60,
        hard: false,
      },
    ]);
  });

  it('come once when many calls of two instances cross a threshold together', async () => {
    const spender = spenderWith({ tenantBudgets: { month: { tokens: 40, hard: true } } });
    const instances = [limiterAt(NOON), limiterAt(NOON)] as const;
    const reservations = await Promise.all(
      Array.from({ length: 40 }, (_, index) => instances[index % 2 ? 1 : 0].reserve(spender, tokens(1))),
    );

    await Promise.all(reservations.map((reservation) => reservation.settle({ tokens: 1, microUsd: 0 })));

    const warnings = instances.flatMap((instance) => instance.warnings);
    expect(warnings.map(({ thresholdPercent }) => thresholdPercent).sort((a, b) => a - b)).toEqual([50, 80, 100]);
    expect(warnings.every(({ hard, period }) => hard && period === 'month')).toBe(true);
  });
});
