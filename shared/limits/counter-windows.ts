export type Period = 'minute' | 'day' | 'month';

/** The names under which a moment is counted; each sorts by time among its kind. */
export interface Windows {
  readonly minute: string;
  readonly day: string;
  readonly month: string;
  /** What running calls hold is counted by the ten minutes in which they began. */
  readonly slot: string;
  readonly previousSlot: string;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;
/**
 * Holds of this and the previous slot count. A hold that nobody settled is therefore gone after 10 to 20 minutes: never
 * before the longest run (10 minutes) has ended.
 */
const SLOT = 10 * MINUTE;

const MINUTE_DIGITS = 12;
const DAY_DIGITS = 8;
const MONTH_DIGITS = 6;

/** How long after a window began it is no longer asked for, with room for instances whose clocks differ by minutes. */
const KEPT: Readonly<Record<string, number>> = {
  minute: 10 * MINUTE,
  slot: 4 * SLOT,
  day: 3 * DAY,
  month: 40 * DAY,
};

/** Those of the minute that was asked for last: one call asks for them a dozen times, and calls for the same ones. */
let latest: { readonly minute: number; readonly windows: Windows } | undefined;

/** The windows, in UTC, in which a moment lies. */
export function windowsAt(now: Date): Windows {
  const minute = Math.floor(now.getTime() / MINUTE);
  if (latest?.minute !== minute) latest = { minute, windows: windowsOf(minute * MINUTE) };
  return latest.windows;
}

function windowsOf(time: number): Windows {
  return {
    minute: nameOf('minute', time),
    day: nameOf('day', time),
    month: nameOf('month', time),
    slot: nameOf('slot', time),
    previousSlot: nameOf('slot', time - SLOT),
  };
}

/** When a period ends that is running now. */
export function endOf(period: Period, now: Date): Date {
  if (period === 'month') return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1));
  const length = period === 'day' ? DAY : MINUTE;
  return new Date((Math.floor(now.getTime() / length) + 1) * length);
}

/** Whole seconds until a period has ended; at least 1. */
export function secondsLeftOf(period: Period, now: Date): number {
  return Math.ceil((endOf(period, now).getTime() - now.getTime()) / SECOND);
}

/** Says whether no instance asks for a window any more. */
export function isOver(window: string, now: Date): boolean {
  const kind = window.slice(0, window.indexOf('_'));
  const kept = KEPT[kind];
  return kept !== undefined && window < nameOf(kind, now.getTime() - kept);
}

function nameOf(kind: string, time: number): string {
  const start = kind === 'slot' ? Math.floor(time / SLOT) * SLOT : time;
  const digits = kind === 'month' ? MONTH_DIGITS : kind === 'day' ? DAY_DIGITS : MINUTE_DIGITS;
  return `${kind}_${new Date(start).toISOString().replace(/\D/g, '').slice(0, digits)}`;
}
