import { withDeadline } from '../deadline.ts';
import type { Logger } from '../telemetry/logger.ts';
import { withSpan } from '../telemetry/span.ts';
import { type Booking, cellsToForget, endBooking } from './booking.ts';
import { type BudgetWarning, budgetWarnings } from './budget-warnings.ts';
import type { CounterStore } from './counter-store.ts';
import { windowsAt } from './counter-windows.ts';
import { rateLimitStatus } from './rate-limit-status.ts';
import type { TenantLanes } from './tenant-lanes.ts';
import type { Amounts, Reservation } from './token-rate-limiter.ts';

export interface ReservationContext {
  readonly store: CounterStore;
  readonly lanes: TenantLanes;
  /** The spender's own tenant. */
  readonly tenantId: string;
  readonly log: Logger;
  readonly now: () => Date;
  onBudgetWarning(warning: BudgetWarning): void | Promise<void>;
}

/** Nobody waits for an answer while a call is settled, so it may take longer than reserving. */
const END_TIMEOUT_MILLISECONDS = 10_000;

/** What all scopes granted to one call. */
export function createReservation(bookings: readonly Booking[], context: ReservationContext): Reservation {
  let ending: Promise<void> | undefined;
  return {
    ...rateLimitStatus(bookings, context.now()),
    settle(actual) {
      ending ??= withSpan('settle', {}, () => endAll(bookings, actual, context));
      return ending;
    },
    release() {
      ending ??= endAll(bookings, null, context);
      return ending;
    },
  };
}

/** Ends bookings in all scopes at once; what fails is logged, and its holds end by themselves. */
export async function endAll(
  bookings: readonly Booking[],
  actual: Amounts | null,
  context: ReservationContext,
): Promise<void> {
  if (bookings.length === 0) return;
  const { lanes, tenantId, log } = context;
  try {
    await withDeadline(END_TIMEOUT_MILLISECONDS, (signal) =>
      lanes.run(tenantId, signal, () =>
        Promise.all(bookings.map((booking) => endOne(booking, actual, context, signal))),
      ),
    );
  } catch (error) {
    log.error('a call was not settled with its limits', { tenantId, ...actual, error });
  }
}

async function endOne(
  booking: Booking,
  actual: Amounts | null,
  { store, log, now, onBudgetWarning }: ReservationContext,
  signal: AbortSignal,
): Promise<void> {
  const scope = booking.scope.name;
  const time = now();
  try {
    const state = await endBooking(store, booking, actual, time, signal);
    const warnings = state && actual ? budgetWarnings(booking.scope, state, actual, windowsAt(time)) : [];
    for (const warning of warnings) await onBudgetWarning(warning);
    const over = cellsToForget(booking, time);
    if (over.length > 0) await store.remove(scope, over, signal);
  } catch (error) {
    log.error('a call was not settled with one of the limits', { scope, ...actual, error });
  }
}
