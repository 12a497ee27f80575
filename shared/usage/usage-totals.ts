import type { UsageSums } from '../contracts/usage.ts';
import { isAppError } from '../errors.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Versioned } from '../versioned.ts';
import { daysBetween, type TenantDay } from './tenant-day.ts';
import type { UsageRepository, UsageSpan } from './usage-repository.ts';
import { addRecords, haveSameSums, NO_USAGE, totalKey, type UsageDimensions, type UsageTotal } from './usage-total.ts';

const MAX_ATTEMPTS = 20;
const DAYS_PER_ROUND = 200;

/** A total that was not what the ledger says. */
interface UsageDrift {
  readonly dimensions: UsageDimensions;
  readonly stored: UsageSums;
  readonly derived: UsageSums;
}

/**
 * The totals, each time derived from the whole ledger of a day: adding up twice, late or not at all for a while ends in
 * the same numbers.
 */
export interface UsageTotals {
  /** Adds up days of any tenant that got new records: at most 200 of them. */
  settle(): Promise<void>;
  /** Adds up the days of a span that got new records, so that its totals are complete. */
  settleSpan(span: UsageSpan): Promise<void>;
  /** Adds up every day of a span again, and says which totals were wrong although nothing was waiting. */
  rebuild(span: UsageSpan): Promise<UsageDrift[]>;
}

export function createUsageTotals(repository: UsageRepository, log: Logger): UsageTotals {
  async function settleDay({ value: day, etag }: Versioned<TenantDay>): Promise<void> {
    await deriveTotals(repository, day);
    await repository.clearDirty(day, etag);
  }

  async function settleSpan(span: UsageSpan): Promise<void> {
    const days = daysBetween(span.from, span.to).length;
    for (const day of await repository.dirtyDays(days, span)) await settleDay(day);
  }

  return {
    settleSpan,
    async settle() {
      for (const day of await repository.dirtyDays(DAYS_PER_ROUND)) {
        // A day that fails stays marked, and the others do not wait for it.
        await settleDay(day).catch((error: unknown) => log.error('usage was not added up', { ...day.value, error }));
      }
    },
    async rebuild(span) {
      await settleSpan(span);
      const drift: UsageDrift[] = [];
      for (const day of daysBetween(span.from, span.to)) {
        drift.push(...(await deriveTotals(repository, { tenantId: span.tenantId, day })));
      }
      return drift;
    },
  };
}

/**
 * Makes the totals of a day what its ledger says. Whoever adds up the same day at the same time from an older reading
 * is told by the entity tags, which are read before the ledger, and begins again.
 */
async function deriveTotals(repository: UsageRepository, day: TenantDay): Promise<UsageDrift[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await tryToDeriveTotals(repository, day);
    } catch (error) {
      const isRace = isAppError(error, 'precondition_failed') || isAppError(error, 'conflict');
      if (!isRace || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

async function tryToDeriveTotals(repository: UsageRepository, day: TenantDay): Promise<UsageDrift[]> {
  const stored = new Map<string, Versioned<UsageTotal>>();
  for await (const page of repository.totals(day.tenantId, day.day, day.day)) {
    for (const total of page) stored.set(totalKey(total.value), total);
  }
  const derived = new Map<string, UsageTotal>();
  for await (const page of repository.records(day)) addRecords(derived, page);

  const drift: UsageDrift[] = [];
  for (const [key, total] of derived) {
    const before = stored.get(key);
    if (before && haveSameSums(before.value, total)) continue;
    await repository.saveTotal(total, before?.etag ?? null);
    drift.push(driftOf(total, before?.value ?? NO_USAGE, total));
  }
  for (const [key, { value, etag }] of stored) {
    if (derived.has(key)) continue;
    await repository.removeTotal(value, etag);
    drift.push(driftOf(value, value, NO_USAGE));
  }
  return drift;
}

function driftOf(dimensions: UsageDimensions, stored: UsageSums, derived: UsageSums): UsageDrift {
  const { tenantId, day, model, kind, userId, knowledgeBaseId, priceVersion } = dimensions;
  return { dimensions: { tenantId, day, model, kind, userId, knowledgeBaseId, priceVersion }, stored, derived };
}
