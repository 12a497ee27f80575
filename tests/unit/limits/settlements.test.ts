import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Booking } from '../../../shared/limits/booking.ts';
import type { BudgetWarning } from '../../../shared/limits/budget-warnings.ts';
import type { CounterChange, CounterState, CounterStore } from '../../../shared/limits/counter-store.ts';
import { windowsAt } from '../../../shared/limits/counter-windows.ts';
import { createSettlements } from '../../../shared/limits/settlements.ts';
import { createTenantLanes } from '../../../shared/limits/tenant-lanes.ts';

const NOW = new Date('2026-11-23T12:10:30Z');
const { minute, day, slot } = windowsAt(NOW);
const EMPTY: CounterState = { tokens: {}, requests: {}, microUsd: {}, heldTokens: {}, heldMicroUsd: {} };
const BUDGET = { measure: 'tokens', period: 'day', limit: 100, hard: false } as const;

/** What 10 tokens were set aside for, so many minutes ago. */
function booking(name: string, minutesAgo = 0): Booking {
  const windows = windowsAt(new Date(NOW.getTime() - minutesAgo * 60_000));
  const scope = { name, label: name, tenantId: 'ten_1', allowances: [BUDGET] };
  return { scope, windows, estimate: { tokens: 10, microUsd: 7 }, state: EMPTY };
}

function settlementsOn(answer: (numbers: CounterState) => CounterState = (numbers) => numbers) {
  const numbers: Record<string, Record<string, Record<string, number>>> = {};
  const writes: (readonly CounterChange[])[] = [];
  const warnings: BudgetWarning[] = [];
  const logged: string[] = [];
  const log = (event: string) => void logged.push(event);
  const unexpected = () => Promise.reject(new Error('unexpected'));
  const store: CounterStore = {
    async add(scope, changes) {
      writes.push(changes);
      numbers[scope] ??= structuredClone(EMPTY) as Record<string, Record<string, number>>;
      for (const { counter, window, by } of changes) {
        const amounts = numbers[scope][counter] ?? {};
        amounts[window] = (amounts[window] ?? 0) + by;
      }
      return answer(structuredClone(numbers[scope]) as unknown as CounterState);
    },
    create: unexpected,
    read: unexpected,
    remove: unexpected,
  };
  const settlements = createSettlements({
    store,
    lanes: createTenantLanes(),
    log: { debug: log, info: log, warn: log, error: log },
    now: () => NOW,
    onBudgetWarning: (warning) => void warnings.push(warning),
  });
  return { settlements, numbers, writes, warnings, logged };
}

it('writes once for all calls of a scope that end together, and once for each scope', async () => {
  const { settlements, writes, numbers } = settlementsOn();
  const call = () => [booking('tenant:one'), booking('user:one')];
  await Promise.all([1, 2, 3].map((tokens) => settlements.end(call(), { tokens, microUsd: 0 })));
  expect(writes).toHaveLength(2);
  expect(numbers['tenant:one']).toMatchObject({ tokens: { [day]: 6, [minute]: -24 }, heldTokens: { [slot]: -30 } });

  await settlements.end(call(), null);
  expect(writes).toHaveLength(4);
});

it('books the same as one write for each call, within ten changes', async () => {
  const end = fc.record({
    minutesAgo: fc.nat({ max: 25 }),
    actual: fc.option(fc.record({ tokens: fc.nat({ max: 20 }), microUsd: fc.nat({ max: 9 }) })),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(end, { minLength: 1, maxLength: 30 }), async (ends) => {
      const together = settlementsOn();
      await Promise.all(
        ends.map(({ minutesAgo, actual }) => together.settlements.end([booking('kb', minutesAgo)], actual)),
      );
      const alone = settlementsOn();
      for (const { minutesAgo, actual } of ends) await alone.settlements.end([booking('kb', minutesAgo)], actual);

      const counted = ({ numbers }: typeof alone) =>
        Object.entries(numbers.kb ?? {}).map(([counter, amounts]) => [
          counter,
          Object.entries(amounts)
            .filter(([, amount]) => amount !== 0)
            .sort(),
        ]);
      expect(counted(together)).toEqual(counted(alone));
      expect(together.writes.length).toBeLessThanOrEqual(1);
      expect(together.writes.every((changes) => changes.length <= 10)).toBe(true);
    }),
  );
});

it('warns once of a threshold that calls cross together', async () => {
  const { settlements, warnings } = settlementsOn();
  await Promise.all([30, 30, 30].map((tokens) => settlements.end([booking('tenant:one')], { tokens, microUsd: 0 })));
  await settlements.end([booking('tenant:one')], { tokens: 5, microUsd: 0 });
  expect(warnings.map(({ thresholdPercent, used }) => [thresholdPercent, used])).toEqual([
    [50, 90],
    [80, 90],
  ]);
});

it('logs what a store does not take, and fails nobody', async () => {
  const { settlements, logged } = settlementsOn(() => {
    throw new Error('down');
  });
  await Promise.all([1, 2].map((tokens) => settlements.end([booking('tenant:one')], { tokens, microUsd: 0 })));
  expect(logged).toEqual(['a call was not settled with one of the limits']);
});
