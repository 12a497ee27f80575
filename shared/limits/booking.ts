import { AppError } from '../errors.ts';
import type { Cell, CounterChange, CounterState, CounterStore } from './counter-store.ts';
import { isOver, type Windows, windowsAt } from './counter-windows.ts';
import { cellsOf, type LimitedScope, neededBy } from './limited-scope.ts';
import { type Reason, reasonsToRefuse } from './refusal.ts';
import type { Amounts } from './token-rate-limiter.ts';

/** What one scope granted to a call. */
export interface Booking {
  readonly scope: LimitedScope;
  readonly windows: Windows;
  readonly estimate: Amounts;
  /** The scope's numbers with this booking in them. */
  readonly state: CounterState;
}

export type BookingAnswer = Booking | { readonly reasons: readonly Reason[] };

/** A try fails only when others create the scope, or make room in it, between two of our calls. */
const MAX_TRIES = 5;
const CONTENDED_RETRY_SECONDS = 1;

/** Books a call in one scope if all its hard limits allow it: one write, and one read when they refuse. */
export async function book(
  store: CounterStore,
  scope: LimitedScope,
  estimate: Amounts,
  now: Date,
  signal: AbortSignal,
): Promise<BookingAnswer> {
  const windows = windowsAt(now);
  const changes = changesFor(estimate, windows);
  const ceilings = scope.allowances
    .filter(({ hard }) => hard)
    .map((allowance) => ({
      cells: cellsOf(allowance, windows),
      adding: neededBy(estimate, allowance.measure),
      limit: allowance.limit,
    }));
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const answer = await store.add(scope.name, changes, ceilings, signal);
    const state = answer === 'missing' ? await store.create(scope.name, changes, signal) : answer;
    if (state !== null && state !== 'exceeded') return { scope, windows, estimate, state };
    const reasons = reasonsToRefuse(scope, await store.read(scope.name, signal), estimate, now);
    if (reasons.length > 0) return { reasons };
  }
  throw new AppError('too_many_requests', 'Too many calls began at the same moment. Try again.', {
    retryAfterSeconds: CONTENDED_RETRY_SECONDS,
  });
}

/** A booking that ends with what was really used, or with nothing at all (null). */
export interface Ending {
  readonly booking: Booking;
  readonly actual: Amounts | null;
}

/** Ends bookings of a scope in one write. Answers with the numbers after it; null when nothing has changed. */
export async function endBookings(
  store: CounterStore,
  name: string,
  endings: readonly Ending[],
  now: Date,
  signal: AbortSignal,
): Promise<CounterState | null> {
  const windows = windowsAt(now);
  const changes = summed(endings.flatMap(({ booking, actual }) => changesAtEnd(booking, actual, windows)));
  if (changes.length === 0) return null;
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const answer = await store.add(name, changes, [], signal);
    if (typeof answer === 'object') return answer;
    // The scope was erased meanwhile, and with it what was held.
    const used = changes.filter(({ by }) => by > 0);
    const created = await store.create(name, used, signal);
    if (created) return created;
  }
  throw new AppError('conflict', `The counters of ${name} were removed again and again.`);
}

/** What the first call of a minute has to clean up: cells of windows that are over; at most 10, the oldest first. */
export function cellsToForget({ state, windows }: Booking, now: Date): Cell[] {
  if (state.requests[windows.minute] !== 1) return [];
  const cells = Object.entries(state).flatMap(([counter, amounts]) =>
    Object.keys(amounts).map((window) => ({ counter: counter as Cell['counter'], window })),
  );
  const over = cells.filter(({ window }) => isOver(window, now)).slice(0, MAX_FORGOTTEN);
  return over.length < FEWEST_FORGOTTEN ? [] : over;
}

/** A write has at most 10 operations; for fewer than half of it, none is worth it. */
const MAX_FORGOTTEN = 10;
const FEWEST_FORGOTTEN = 5;

function changesFor({ tokens, microUsd }: Amounts, { minute, slot }: Windows): CounterChange[] {
  return changing([
    { counter: 'tokens', window: minute, by: tokens },
    { counter: 'requests', window: minute, by: 1 },
    { counter: 'heldTokens', window: slot, by: tokens },
    { counter: 'heldMicroUsd', window: slot, by: microUsd },
  ]);
}

/**
 * The minute is corrected while it lasts; the hold goes unless it is so old that it no longer counts; what was used goes
 * to the day and month of now, which is when the ledger gets it.
 */
function changesAtEnd({ windows, estimate }: Booking, actual: Amounts | null, now: Windows): CounterChange[] {
  const { tokens, microUsd } = actual ?? { tokens: 0, microUsd: 0 };
  const sameMinute = windows.minute === now.minute;
  const stillHeld = windows.slot === now.slot || windows.slot === now.previousSlot;
  return changing([
    { counter: 'tokens', window: windows.minute, by: sameMinute ? tokens - estimate.tokens : 0 },
    { counter: 'requests', window: windows.minute, by: sameMinute && actual === null ? -1 : 0 },
    { counter: 'heldTokens', window: windows.slot, by: stillHeld ? -estimate.tokens : 0 },
    { counter: 'heldMicroUsd', window: windows.slot, by: stillHeld ? -estimate.microUsd : 0 },
    { counter: 'tokens', window: now.day, by: tokens },
    { counter: 'tokens', window: now.month, by: tokens },
    { counter: 'microUsd', window: now.day, by: microUsd },
    { counter: 'microUsd', window: now.month, by: microUsd },
  ]);
}

/**
 * One change for each cell: of this minute two, of the two slots that count two each, of the day and the month two each,
 * which are the 10 that a write may have.
 */
function summed(changes: readonly CounterChange[]): CounterChange[] {
  const sums: { -readonly [K in keyof CounterChange]: CounterChange[K] }[] = [];
  for (const change of changes) {
    const sum = sums.find(({ counter, window }) => counter === change.counter && window === change.window);
    if (sum) sum.by += change.by;
    else sums.push({ ...change });
  }
  return changing(sums);
}

function changing(changes: readonly CounterChange[]): CounterChange[] {
  return changes.filter(({ by }) => by !== 0);
}
