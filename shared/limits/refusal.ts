import { AppError } from '../errors.ts';
import type { CounterState } from './counter-store.ts';
import { endOf, type Period, secondsLeftOf, windowsAt } from './counter-windows.ts';
import { type Allowance, heldOf, type LimitedScope, type Measure, neededBy, usedOf } from './limited-scope.ts';
import type { Amounts } from './token-rate-limiter.ts';

/** The `details` of a `too_many_requests`: which limit refused. */
export interface Refusal {
  readonly scope: string;
  readonly window: Period;
  readonly measure: Measure;
  readonly limit: number;
  readonly remaining: number;
  /** Until the window begins anew. */
  readonly resetSeconds: number;
}

/** Why one limit does not let a call pass. */
export interface Reason {
  readonly refusal: Refusal;
  /** null: waiting does not help. */
  readonly retryAfterSeconds: number | null;
  readonly message: string;
}

/** When only running calls are in the way, they may end at any time. */
const RUNNING_CALLS_SECONDS = 15;
const MICRO_PER_DOLLAR = 1_000_000;
const DOLLARS = { style: 'currency', currency: 'USD', maximumFractionDigits: 6 } as const;

/** Why the hard limits of a scope refuse a call; nothing when they all let it pass. */
export function reasonsToRefuse(
  scope: LimitedScope,
  state: CounterState | null,
  estimate: Amounts,
  now: Date,
): Reason[] {
  const reasons: Reason[] = [];
  for (const allowance of scope.allowances) {
    const reason = allowance.hard ? reasonToRefuse(scope, allowance, state, estimate, now) : null;
    if (reason) reasons.push(reason);
  }
  return reasons;
}

/** The refusal that lasts longest, so that whoever comes back when it says is not refused by another one. */
export function refusalError(reasons: readonly Reason[]): AppError {
  const wait = ({ retryAfterSeconds }: Reason) => retryAfterSeconds ?? Number.POSITIVE_INFINITY;
  const [longest] = reasons.toSorted((a, b) => (wait(a) > wait(b) ? -1 : 1));
  if (!longest) throw new TypeError('Nothing refuses');
  const { message, refusal, retryAfterSeconds } = longest;
  return new AppError('too_many_requests', message, {
    details: { ...refusal },
    ...(retryAfterSeconds !== null && { retryAfterSeconds }),
  });
}

function reasonToRefuse(
  scope: LimitedScope,
  allowance: Allowance,
  state: CounterState | null,
  estimate: Amounts,
  now: Date,
): Reason | null {
  const { measure, period, limit } = allowance;
  const windows = windowsAt(now);
  const used = usedOf(state, allowance, windows);
  const held = heldOf(state, allowance, windows);
  const needed = neededBy(estimate, measure);
  if (used + held + needed <= limit) return null;
  const resetSeconds = secondsLeftOf(period, now);
  const remaining = Math.max(0, limit - used - held);
  const refusal = { scope: scope.name, window: period, measure, limit, remaining, resetSeconds };
  const rule = `${scope.label} may use ${amount(limit, measure)} per ${period}`;
  if (needed > limit) {
    const advice = limit === 0 ? 'Ask an administrator to change that.' : 'Make it smaller.';
    const message = `This call may need ${amount(needed, measure)}, but ${rule}. ${advice}`;
    return { refusal, retryAfterSeconds: null, message };
  }
  const isHeldOnly = used + needed <= limit;
  const retryAfterSeconds = isHeldOnly ? Math.min(RUNNING_CALLS_SECONDS, resetSeconds) : resetSeconds;
  const left = `${amount(remaining, measure)} left, and this call may need ${amount(needed, measure)}`;
  const holders = isHeldOnly ? ' Calls that still run hold the rest.' : '';
  const when =
    period === 'minute' || isHeldOnly ? `in ${retryAfterSeconds} s` : `at ${endOf(period, now).toISOString()}`;
  return { refusal, retryAfterSeconds, message: `${capitalised(rule)}: ${left}.${holders} Try again ${when}.` };
}

function amount(value: number, measure: Measure): string {
  if (measure === 'microUsd') return (value / MICRO_PER_DOLLAR).toLocaleString('en', DOLLARS);
  return `${value.toLocaleString('en')} ${value === 1 ? measure.slice(0, -1) : measure}`;
}

function capitalised(text: string): string {
  return text.replace(/^./, (letter) => letter.toUpperCase());
}
