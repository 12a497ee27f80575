import { withSpan } from '../telemetry/span.ts';
import type { Booking } from './booking.ts';
import { rateLimitStatus } from './rate-limit-status.ts';
import type { Settlements } from './settlements.ts';
import type { Reservation } from './token-rate-limiter.ts';

export interface ReservationContext {
  readonly settlements: Settlements;
  readonly now: () => Date;
}

/** What all scopes granted to one call. */
export function createReservation(bookings: readonly Booking[], context: ReservationContext): Reservation {
  const { settlements, now } = context;
  let ending: Promise<void> | undefined;
  return {
    ...rateLimitStatus(bookings, now()),
    settle(actual) {
      ending ??= withSpan('settle', {}, () => settlements.end(bookings, actual));
      return ending;
    },
    release() {
      ending ??= settlements.end(bookings, null);
      return ending;
    },
  };
}
