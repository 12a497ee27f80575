import { withDeadline } from '../deadline.ts';
import { AppError, isAppError } from '../errors.ts';
import { metrics } from '../telemetry/metrics.ts';
import { withSpan } from '../telemetry/span.ts';
import { tenantLabel } from '../telemetry/tenant-label.ts';
import { type Booking, type BookingAnswer, book } from './booking.ts';
import { type LimitedScope, limitedScopesOf } from './limited-scope.ts';
import { reasonsToRefuse, refusalError } from './refusal.ts';
import { createReservation } from './reservation.ts';
import { createSettlements, type SettlementOptions } from './settlements.ts';
import { createTenantLanes } from './tenant-lanes.ts';
import type { Amounts, Estimate, Reservation, Spender, TokenRateLimiter } from './token-rate-limiter.ts';

export interface TokenRateLimiterOptions extends Omit<SettlementOptions, 'lanes'> {
  /** How long a reservation waits for the counters, in milliseconds. */
  readonly timeout?: number;
}

/** A person waits for it, so it is short. */
const RESERVE_TIMEOUT_MILLISECONDS = 2_000;
/** What waits takes memory; beyond it a tenant is refused at once. */
const MAX_WAITING_PER_TENANT = 1_000;
const BUSY_RETRY_SECONDS = 1;
const DOWN_RETRY_SECONDS = 5;

/** A limiter that shares its counters with all other instances. */
export function createTokenRateLimiter(options: TokenRateLimiterOptions): TokenRateLimiter {
  const { store, now, log, timeout = RESERVE_TIMEOUT_MILLISECONDS } = options;
  const lanes = createTenantLanes();
  const context = { settlements: createSettlements({ ...options, lanes }), now };

  async function reserveAll(tenantId: string, scopes: LimitedScope[], estimate: Amounts) {
    const answers = await withDeadline(timeout, (signal) =>
      lanes.run(tenantId, signal, () => {
        const time = now();
        return Promise.allSettled(scopes.map((scope) => book(store, scope, estimate, time, signal)));
      }),
    );
    const { bookings, reasons, failures } = sorted(answers);
    if (reasons.length > 0) {
      await context.settlements.end(bookings, null);
      throw refusalError(reasons);
    }
    if (failures.length > 0) {
      // Not awaited: the store is slow or down, and what is not given back ends by itself.
      void context.settlements.end(bookings, null);
      throw failures[0];
    }
    return createReservation(bookings, context);
  }

  async function reserve(spender: Spender, estimate: Estimate): Promise<Reservation> {
    assertCountable(estimate);
    const [{ id: tenantId, policy }] = spender.tenantChain;
    const scopes = limitedScopesOf(spender, estimate);
    if (scopes.length === 0) return createReservation([], context);
    refuseWhatNeverFits(scopes, estimate, now());
    if (lanes.waiting(tenantId) >= MAX_WAITING_PER_TENANT) throw tooManyWait();
    try {
      return await reserveAll(tenantId, scopes, estimate);
    } catch (error) {
      if (!isAppError(error, 'dependency_unavailable')) throw error;
      if (policy.whenCountersAreDown !== 'allow') throw cannotBeChecked(error);
      log.warn('a call was admitted without a check of its limits', { tenantId, ...estimate, error });
      return createReservation([], context);
    }
  }

  return {
    reserve: (spender, estimate) =>
      withSpan('reserve', { 'platform.tokens.reserved': estimate.tokens }, () =>
        reserve(spender, estimate).catch((error: unknown) => {
          countRefusal(error, spender);
          throw error;
        }),
      ),
  };
}

function countRefusal(error: unknown, { tenantChain: [{ id }] }: Spender): void {
  if (!isAppError(error, 'too_many_requests')) return;
  const { measure = 'calls', window = 'moment' } = error.details ?? {};
  metrics.refusals.add(1, { reason: `${measure} per ${window}`, tenant: tenantLabel(id) });
}

function sorted(answers: readonly PromiseSettledResult<BookingAnswer>[]) {
  const bookings: Booking[] = [];
  const failures: unknown[] = [];
  const reasons = answers.flatMap((answer) => {
    if (answer.status === 'rejected') failures.push(answer.reason);
    else if ('reasons' in answer.value) return answer.value.reasons;
    else bookings.push(answer.value);
    return [];
  });
  return { bookings, reasons, failures };
}

/** Without asking the counters: what is larger than a limit never fits into it. */
function refuseWhatNeverFits(scopes: readonly LimitedScope[], estimate: Amounts, now: Date): void {
  const reasons = scopes.flatMap((scope) => reasonsToRefuse(scope, null, estimate, now));
  if (reasons.length > 0) throw refusalError(reasons);
}

/** The amounts become part of a condition that the store judges. */
function assertCountable({ tokens, microUsd }: Amounts): void {
  const countable = [tokens, microUsd].every((amount) => Number.isSafeInteger(amount) && amount >= 0);
  if (!countable) throw new TypeError(`Not whole amounts: ${tokens} tokens, ${microUsd} micro-dollars`);
}

function tooManyWait(): AppError {
  return new AppError('too_many_requests', 'Too many calls of your tenant begin at the same moment. Try again.', {
    retryAfterSeconds: BUSY_RETRY_SECONDS,
  });
}

function cannotBeChecked(cause: AppError): AppError {
  const message =
    'The limits of your tenant cannot be checked at the moment, and its policy is to refuse calls until they can. ' +
    'Try again shortly.';
  return new AppError('dependency_unavailable', message, {
    cause,
    retryAfterSeconds: cause.retryAfterSeconds ?? DOWN_RETRY_SECONDS,
    details: { policy: 'whenCountersAreDown', choice: 'refuse' },
  });
}
