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
  const tokens = least(standings, ({ measure, remaining }) => (measure === 'tokens' ? remaining : NEVER));
  const requests = least(standings, ({ measure, remaining }) => (measure === 'requests' ? remaining : NEVER));
  return {
    scope: least(standings, shareLeft)?.scope ?? null,
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
      const remaining = Math.max(0, limit - usedOf(state, allowance, windows));
      return { scope: scope.name, measure, limit, remaining };
    });
}

const NEVER = Number.POSITIVE_INFINITY;
const shareLeft = ({ remaining, limit }: Standing) => remaining / limit;

/** The first of those with the smallest amount. */
function least(standings: readonly Standing[], amountOf: (standing: Standing) => number): Standing | undefined {
  let found: Standing | undefined;
  let smallest = NEVER;
  for (const standing of standings) {
    const amount = amountOf(standing);
    if (amount >= smallest) continue;
    smallest = amount;
    found = standing;
  }
  return found;
}
