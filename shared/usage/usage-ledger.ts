import type { UsageRecord } from '../contracts/usage.ts';
import { dayOf, type TenantDay } from './tenant-day.ts';
import type { UsageRepository } from './usage-repository.ts';

/** What every call to a model took and cost, on record for good. */
export interface UsageLedger {
  /** Enters records, each once, however often it is tried. */
  write(records: readonly UsageRecord[]): Promise<void>;
}

/** A day is marked after its records are there, so that whoever adds it up and clears the mark has seen them. */
export function createUsageLedger(repository: UsageRepository): UsageLedger {
  return {
    async write(records) {
      await Promise.all(records.map((record) => repository.addRecord(record)));
      await Promise.all(touchedDays(records).map((day) => repository.markDirty(day)));
    },
  };
}

function touchedDays(records: readonly UsageRecord[]): TenantDay[] {
  const days = records.map(({ tenantId, at }) => ({ tenantId, day: dayOf(at) }));
  return [...new Map(days.map((day) => [`${day.tenantId} ${day.day}`, day])).values()];
}
