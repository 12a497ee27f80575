import { setTimeout as sleep } from 'node:timers/promises';

const MINUTE = 60_000;
/** A timer may fire a moment early, still within the minute that was to be over. Milliseconds. */
const TIMER_SLACK = 20;

/** Waits for the next minute when this one has fewer than so many seconds left, so that a test ends in one minute. */
export async function minuteWithSecondsLeft(seconds: number): Promise<void> {
  const left = MINUTE - (Date.now() % MINUTE);
  if (left < seconds * 1_000) await sleep(left + TIMER_SLACK);
}

/** Whole seconds until this minute ends. */
export const secondsLeft = (): number => Math.ceil((MINUTE - (Date.now() % MINUTE)) / 1_000);
