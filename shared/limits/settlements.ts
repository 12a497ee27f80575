import { withDeadline } from '../deadline.ts';
import type { Logger } from '../telemetry/logger.ts';
import { type Booking, cellsToForget, type Ending, endBookings } from './booking.ts';
import { type BudgetWarning, budgetWarnings } from './budget-warnings.ts';
import type { CounterStore } from './counter-store.ts';
import { windowsAt } from './counter-windows.ts';
import type { TenantLanes } from './tenant-lanes.ts';
import type { Amounts } from './token-rate-limiter.ts';

export interface SettlementOptions {
  readonly store: CounterStore;
  readonly lanes: TenantLanes;
  readonly log: Logger;
  readonly now: () => Date;
  onBudgetWarning(warning: BudgetWarning): void | Promise<void>;
}

/** Ends bookings; those of a scope that end in one turn of the event loop share a write. */
export interface Settlements {
  /**
   * Ends what all scopes granted to a call, with what was really used, or nothing at all (null). Never fails: what cannot
   * be written is logged, and its holds end by themselves.
   */
  end(bookings: readonly Booking[], actual: Amounts | null): Promise<void>;
}

/** Nobody waits for an answer while a call is settled, so it may take longer than reserving. */
const END_TIMEOUT_MILLISECONDS = 10_000;

interface Group {
  readonly endings: Ending[];
  readonly written: PromiseWithResolvers<void>;
}

export function createSettlements(options: SettlementOptions): Settlements {
  let groups = new Map<string, Group>();

  function writeAll(): void {
    const gathered = groups;
    groups = new Map();
    for (const { endings, written } of gathered.values()) written.resolve(write(endings, options));
  }

  function gather(booking: Booking, actual: Amounts | null): Promise<void> {
    const { name } = booking.scope;
    // Under load many calls of a tenant end in a turn, and the tenant's counters take so many writes a second and no more.
    if (groups.size === 0) setImmediate(writeAll);
    const group = groups.get(name) ?? { endings: [], written: Promise.withResolvers<void>() };
    groups.set(name, group);
    group.endings.push({ booking, actual });
    return group.written.promise;
  }

  return {
    async end(bookings, actual) {
      await Promise.all(bookings.map((booking) => gather(booking, actual)));
    },
  };
}

async function write(endings: readonly Ending[], options: SettlementOptions): Promise<void> {
  const { store, lanes, log, now, onBudgetWarning } = options;
  const newest = endings.at(-1);
  if (!newest) return;
  const { scope } = newest.booking;
  const actual = sumOf(endings);
  try {
    await withDeadline(END_TIMEOUT_MILLISECONDS, (signal) =>
      lanes.run(scope.tenantId, signal, async () => {
        const time = now();
        const state = await endBookings(store, scope.name, endings, time, signal);
        const warnings = state ? budgetWarnings(scope, state, actual, windowsAt(time)) : [];
        for (const warning of warnings) await onBudgetWarning(warning);
        const over = endings.map(({ booking }) => cellsToForget(booking, time)).find((cells) => cells.length > 0);
        if (over) await store.remove(scope.name, over, signal);
      }),
    );
  } catch (error) {
    const calls = endings.length;
    log.error('a call was not settled with one of the limits', { scope: scope.name, calls, ...actual, error });
  }
}

function sumOf(endings: readonly Ending[]): Amounts {
  let tokens = 0;
  let microUsd = 0;
  for (const { actual } of endings) {
    tokens += actual?.tokens ?? 0;
    microUsd += actual?.microUsd ?? 0;
  }
  return { tokens, microUsd };
}
