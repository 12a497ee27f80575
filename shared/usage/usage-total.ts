import type { UsageRecord, UsageSums } from '../contracts/usage.ts';
import { dayOf, type TenantDay } from './tenant-day.ts';

/** What a total adds up: calls of one day that are alike in all of these. */
export interface UsageDimensions
  extends TenantDay,
    Pick<UsageRecord, 'model' | 'kind' | 'userId' | 'knowledgeBaseId' | 'priceVersion'> {}

export interface UsageTotal extends UsageDimensions, UsageSums {}

export const NO_USAGE: UsageSums = {
  calls: 0,
  inputTokens: 0,
  cachedInputTokens: 0,
  outputTokens: 0,
  estimatedTokens: 0,
  costMicroUsd: 0,
  savedMicroUsd: 0,
  units: 0,
};

/** Names a total within its tenant: the same for the same dimensions. */
export function totalKey({ day, model, kind, userId, knowledgeBaseId, priceVersion }: UsageDimensions): string {
  return JSON.stringify([day, model, kind, userId, knowledgeBaseId, priceVersion]);
}

export function addSums(one: UsageSums, other: UsageSums): UsageSums {
  return {
    calls: one.calls + other.calls,
    inputTokens: one.inputTokens + other.inputTokens,
    cachedInputTokens: one.cachedInputTokens + other.cachedInputTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    estimatedTokens: one.estimatedTokens + other.estimatedTokens,
    costMicroUsd: one.costMicroUsd + other.costMicroUsd,
    savedMicroUsd: one.savedMicroUsd + other.savedMicroUsd,
    units: one.units + other.units,
  };
}

export function haveSameSums(one: UsageSums, other: UsageSums): boolean {
  return (Object.keys(NO_USAGE) as (keyof UsageSums)[]).every((name) => one[name] === other[name]);
}

/** Adds records to the totals that they belong to. */
export function addRecords(totals: Map<string, UsageTotal>, records: readonly UsageRecord[]): void {
  for (const record of records) {
    const one = totalOf(record);
    const key = totalKey(one);
    totals.set(key, { ...one, ...addSums(totals.get(key) ?? NO_USAGE, one) });
  }
}

function totalOf(record: UsageRecord): UsageTotal {
  const { tenantId, model, kind, userId, knowledgeBaseId, priceVersion } = record;
  const { inputTokens, cachedInputTokens, outputTokens, costMicroUsd, savedMicroUsd, units = 0 } = record;
  const estimatedTokens = record.isEstimated ? inputTokens + outputTokens : 0;
  const dimensions = { tenantId, day: dayOf(record.at), model, kind, userId, knowledgeBaseId, priceVersion };
  const sums = { inputTokens, cachedInputTokens, outputTokens, estimatedTokens, costMicroUsd, savedMicroUsd, units };
  return { ...dimensions, calls: 1, ...sums };
}
