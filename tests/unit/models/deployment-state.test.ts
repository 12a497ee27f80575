import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import { AttemptError, type AttemptFailureKind } from '../../../shared/models/attempt-error.ts';
import { cooldownAfter, createDeploymentState } from '../../../shared/models/deployment-state.ts';

const SECOND = 1_000;

// The breaker has a clock of its own.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const stateOf = () =>
  createDeploymentState({ endpoint: 'e', deployment: 'd', priority: 1, weight: 1 }, () => Date.now());
const failing = (kind: AttemptFailureKind, retryAfter: number | null = null) => {
  const error = new AttemptError(kind, new AppError('upstream_failed', 'no'), retryAfter);
  return () => Promise.reject(error);
};
const fail = async (state: ReturnType<typeof stateOf>, kind: AttemptFailureKind, retryAfter: number | null = null) => {
  await state.attempt(failing(kind, retryAfter)).catch(() => undefined);
};
const blockedFor = (state: ReturnType<typeof stateOf>) => Math.max(0, state.blockedUntil() - Date.now());
const wait = (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds);

describe('a cooldown', () => {
  it('is what the service asks for, never negative and at most a minute', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.integer({ min: 1, max: 50 }), (asked, inARow) => {
        const cooldown = cooldownAfter(asked, inARow);
        expect(cooldown).toBeGreaterThanOrEqual(0);
        expect(cooldown).toBeLessThanOrEqual(60 * SECOND);
        if (asked > 0 && asked <= 60 * SECOND) expect(cooldown).toBe(asked);
      }),
    );
    expect(cooldownAfter(86_400 * SECOND, 1)).toBe(60 * SECOND);
  });

  it('doubles up to a minute where the service does not ask', () => {
    expect([1, 2, 3, 20].map((inARow) => cooldownAfter(null, inARow))).toEqual([
      SECOND,
      2 * SECOND,
      4 * SECOND,
      60 * SECOND,
    ]);
  });

  it('ends by itself, and a success starts the doubling again', async () => {
    const state = stateOf();
    await fail(state, 'throttled');
    await fail(state, 'throttled');
    expect(blockedFor(state)).toBe(2 * SECOND);
    wait(2 * SECOND);
    expect(blockedFor(state)).toBe(0);
    await state.attempt(() => Promise.resolve());
    await fail(state, 'throttled');
    expect(blockedFor(state)).toBe(SECOND);
  });

  it('is not shortened by an earlier end, and what another instance says is clamped too', () => {
    const state = stateOf();
    state.coolUntil(Date.now() + 5 * SECOND);
    state.coolUntil(Date.now() + SECOND);
    expect(blockedFor(state)).toBe(5 * SECOND);
    state.coolUntil(Date.now() + 86_400 * SECOND);
    expect(blockedFor(state)).toBe(60 * SECOND);
  });

  it('does not follow from a refused request, or from an outage that asks for no wait', async () => {
    const state = stateOf();
    await fail(state, 'refused', 30 * SECOND);
    await fail(state, 'misconfigured');
    await fail(state, 'unavailable');
    expect(blockedFor(state)).toBe(0);
    await fail(state, 'unavailable', 3 * SECOND);
    expect(blockedFor(state)).toBe(3 * SECOND);
  });
});

describe('the breaker', () => {
  const broken = async () => {
    const state = stateOf();
    for (let failure = 0; failure < 5; failure += 1) await fail(state, 'unavailable');
    return state;
  };

  it('opens after five outages in a row for a second', async () => {
    const state = stateOf();
    for (let failure = 0; failure < 4; failure += 1) await fail(state, 'timeout');
    expect(blockedFor(state)).toBe(0);
    await fail(state, 'unavailable');
    expect(blockedFor(state)).toBe(SECOND);
  });

  it('is not impressed by throttling, refusals and wrong keys', async () => {
    const state = stateOf();
    for (let failure = 0; failure < 20; failure += 1) {
      await fail(state, 'throttled', 0);
      await fail(state, 'refused');
      await fail(state, 'misconfigured');
    }
    expect(blockedFor(state)).toBe(0);
  });

  it('lets exactly one probe through when half-open, and closes when that succeeds', async () => {
    const state = await broken();
    wait(SECOND);
    expect(blockedFor(state)).toBe(0);
    const probe = Promise.withResolvers<void>();
    const probing = state.attempt(() => probe.promise);
    expect(blockedFor(state)).toBeGreaterThan(0);
    probe.resolve();
    await probing;
    expect(blockedFor(state)).toBe(0);
  });

  it('opens again, for twice as long, when the probe fails or is given up, and starts anew after a success', async () => {
    const state = await broken();
    wait(SECOND);
    await fail(state, 'unavailable');
    expect(blockedFor(state)).toBe(2 * SECOND);
    wait(2 * SECOND);
    await state.attempt(() => Promise.reject(new Error('stopped'))).catch(() => undefined);
    expect(blockedFor(state)).toBe(4 * SECOND);
    for (const seconds of [8, 16, 30, 30]) {
      vi.setSystemTime(state.blockedUntil());
      await fail(state, 'unavailable');
      expect(blockedFor(state)).toBe(seconds * SECOND);
    }
    vi.setSystemTime(state.blockedUntil());
    await state.attempt(() => Promise.resolve());
    for (let failure = 0; failure < 5; failure += 1) await fail(state, 'unavailable');
    expect(blockedFor(state)).toBe(SECOND);
  });

  it('counts answers that break off', async () => {
    const state = stateOf();
    const error = new AttemptError('unavailable', new AppError('upstream_failed', 'cut'));
    for (let failure = 0; failure < 5; failure += 1) {
      state.brokeOff(error);
      await new Promise(setImmediate);
    }
    expect(blockedFor(state)).toBe(SECOND);
  });
});
