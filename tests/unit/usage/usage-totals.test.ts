import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageKind, type UsageRecord, type UsageSums } from '../../../shared/contracts/usage.ts';
import { newId } from '../../../shared/identifiers.ts';
import { createLogger } from '../../../shared/telemetry/logger.ts';
import { createUsageLedger } from '../../../shared/usage/usage-ledger.ts';
import { createUsageTotals } from '../../../shared/usage/usage-totals.ts';
import { createMemoryUsageRepository, type MemoryUsageRepository } from './memory-usage-repository.ts';

const TENANTS = [newId('ten'), newId('ten')];
const DAYS = ['2026-02-28', '2026-03-01'];
const RUNS = 150;
const log = createLogger('silent');

const amount = fc.integer({ min: 0, max: 1_000 });
const record: fc.Arbitrary<UsageRecord> = fc.record({
  id: fc.uuid(),
  tenantId: fc.constantFrom(...TENANTS),
  at: fc.constantFrom(...DAYS).map((day) => `${day}T23:59:59.999Z`),
  kind: fc.constantFrom(...UsageKind.options),
  userId: fc.constantFrom('ann', 'bob', null),
  knowledgeBaseId: fc.constantFrom('kb_1', null),
  model: fc.constantFrom('gpt-4.1', 'gpt-4.1-mini'),
  inputTokens: amount,
  cachedInputTokens: amount,
  outputTokens: amount,
  isEstimated: fc.boolean(),
  costMicroUsd: amount,
  savedMicroUsd: amount,
  units: fc.option(amount, { nil: undefined }),
  priceVersion: fc.constantFrom('2025-04', '2026-11'),
});
const records = fc.uniqueArray(record, { selector: ({ id }) => id, minLength: 1, maxLength: 12 });

/** What totals have to be, by a way of its own: the sums by everything that tells records apart. */
function oracle(ledger: readonly UsageRecord[]): Record<string, UsageSums> {
  const sums: Record<string, UsageSums> = {};
  for (const one of ledger) {
    const parts = [one.tenantId, one.at.slice(0, 10), one.model, one.kind, one.userId, one.knowledgeBaseId];
    const alike = ledger.filter((other) => keyOf(other) === keyOf(one));
    const sum = (of: (record: UsageRecord) => number) => alike.reduce((total, other) => total + of(other), 0);
    sums[JSON.stringify([...parts, one.priceVersion])] = {
      calls: alike.length,
      inputTokens: sum((other) => other.inputTokens),
      cachedInputTokens: sum((other) => other.cachedInputTokens),
      outputTokens: sum((other) => other.outputTokens),
      estimatedTokens: sum((other) => (other.isEstimated ? other.inputTokens + other.outputTokens : 0)),
      costMicroUsd: sum((other) => other.costMicroUsd),
      savedMicroUsd: sum((other) => other.savedMicroUsd),
      units: sum((other) => other.units ?? 0),
    };
  }
  return sums;
}

const keyOf = (one: UsageRecord) =>
  [one.tenantId, one.at, one.model, one.kind, one.userId, one.knowledgeBaseId, one.priceVersion].join('|');

function storedSums(repository: MemoryUsageRepository): Record<string, UsageSums> {
  return Object.fromEntries(
    [...repository.stored.values()].map(({ value }) => {
      const { tenantId, day, model, kind, userId, knowledgeBaseId, priceVersion, ...sums } = value;
      return [JSON.stringify([tenantId, day, model, kind, userId, knowledgeBaseId, priceVersion]), sums];
    }),
  );
}

describe('usage totals', () => {
  it('are the sums of the ledger, whatever came twice, in whatever order, and whenever they were added up', async () => {
    const deliveries = records.chain((all) =>
      fc.record({
        all: fc.constant(all),
        // Messages of one record or several, in any order, some of them again.
        again: fc.array(fc.subarray(all, { minLength: 1 }), { maxLength: 4 }),
        settles: fc.integer({ min: 0, max: 4 }),
      }),
    );
    const property = fc.asyncProperty(fc.scheduler(), deliveries, async (scheduler, { all, again, settles }) => {
      const repository = createMemoryUsageRepository(() => scheduler.schedule(Promise.resolve()));
      const ledger = createUsageLedger(repository);
      const totals = createUsageTotals(repository, log);
      const writes = [...all.map((one) => [one]), ...again].map((message) => ledger.write(message));
      const settlings = Array.from({ length: settles }, () => totals.settle());

      await scheduler.waitFor(Promise.all([...writes, ...settlings]));
      await scheduler.waitFor(totals.settle());

      expect(storedSums(repository)).toEqual(oracle(all));
    });

    await fc.assert(property, { numRuns: RUNS });
  });

  it('never fall back to an older reading of the ledger', async () => {
    const [first] = fc.sample(record, { numRuns: 1, seed: 1 });
    if (!first) throw new Error('There is no record.');
    const second = { ...first, id: 'second' };
    const repository = createMemoryUsageRepository(() => Promise.resolve());
    const ledger = createUsageLedger(repository);
    const totals = createUsageTotals(repository, log);
    const isAboutToSave = Promise.withResolvers<void>();
    const maySave = Promise.withResolvers<void>();
    const slow: typeof repository = {
      ...repository,
      async saveTotal(total, etag) {
        isAboutToSave.resolve();
        await maySave.promise;
        await repository.saveTotal(total, etag);
      },
    };

    await ledger.write([first]);
    const settling = createUsageTotals(slow, log).settle();
    await isAboutToSave.promise;
    await ledger.write([second]);
    await totals.settle();
    maySave.resolve();
    await settling;

    expect(storedSums(repository)).toEqual(oracle([first, second]));
  });

  it('show no drift when they are derived again, and exactly what was tampered with when it was', async () => {
    const property = fc.asyncProperty(records, fc.nat(), async (all, choice) => {
      const repository = createMemoryUsageRepository(() => Promise.resolve());
      const totals = createUsageTotals(repository, log);
      await createUsageLedger(repository).write(all);
      const span = { tenantId: all[0]?.tenantId ?? '', from: '2026-02-01', to: '2026-03-31' };

      expect(await totals.rebuild(span)).toEqual([]);
      const own = [...repository.stored.values()].filter(({ value }) => value.tenantId === span.tenantId);
      const victim = own[choice % own.length];
      if (!victim) throw new Error('There is no total.');
      await repository.saveTotal({ ...victim.value, costMicroUsd: victim.value.costMicroUsd + 1 }, victim.etag);
      const drift = await totals.rebuild(span);

      expect(drift).toHaveLength(1);
      expect(drift[0]?.stored.costMicroUsd).toBe(victim.value.costMicroUsd + 1);
      expect(drift[0]?.derived.costMicroUsd).toBe(victim.value.costMicroUsd);
      expect(await totals.rebuild(span)).toEqual([]);
    });

    await fc.assert(property, { numRuns: RUNS });
  });

  it('that no record stands behind are taken away by a rebuild', async () => {
    const repository = createMemoryUsageRepository(() => Promise.resolve());
    const [one] = fc.sample(record, { numRuns: 1, seed: 1 });
    if (!one) throw new Error('There is no record.');
    await createUsageLedger(repository).write([one]);
    const totals = createUsageTotals(repository, log);
    const span = { tenantId: one.tenantId, from: '2026-02-01', to: '2026-03-31' };
    await totals.settleSpan(span);
    const [known] = repository.stored.values();
    if (!known) throw new Error('There is no total.');
    await repository.saveTotal({ ...known.value, model: 'invented' }, null);

    expect(await totals.rebuild(span)).toHaveLength(1);
    expect([...repository.stored.values()].map(({ value }) => value.model)).toEqual([one.model]);
  });
});
