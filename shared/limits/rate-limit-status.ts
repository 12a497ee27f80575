import type { Booking } from './booking.ts';
import { secondsLeftOf } from './counter-windows.ts';
import { type Measure, usedOf } from './limited-scope.ts';
import type { RateLimitStatus } from './token-rate-limiter.ts';

interface Standing {
  readonly scope: string;
  readonly measure: Measure;
  readonly limit: number;
  readonly remaining: number;
}

/** How a call that was just booked leaves the limits per minute. */
export function rateLimitStatus(bookings: readonly Booking[], now: Date): RateLimitStatus {
  const standings = bookings.flatMap(standingsOf);
  const tokens = tightest(standings.filter(({ measure }) => measure === 'tokens'));
  const requests = tightest(standings.filter(({ measure }) => measure === 'requests'));
  const smallestShare = standings.toSorted((a, b) => a.remaining / a.limit - b.remaining / b.limit)[0];
  return {
    scope: smallestShare?.scope ?? null,
    limit: { tokens: tokens?.limit ?? null, requests: requests?.limit ?? null },
    remaining: { tokens: tokens?.remaining ?? null, requests: requests?.remaining ?? null },
    resetSeconds: secondsLeftOf('minute', now),
  };
}

function standingsOf({ scope, state, windows }: Booking): Standing[] {
  return scope.allowances
    .filter(({ period }) => period === 'minute')
    .map((allowance) => {
      const { measure, limit } = allowance;
      const remaining = Math.max(0, limit - usedOf(state, allowance, windows).used);
      return { scope: scope.name, measure, limit, remaining };
    });
}

function tightest(standings: readonly Standing[]): Standing | undefined {
  return standings.toSorted((a, b) => a.remaining - b.remaining)[0];
}
