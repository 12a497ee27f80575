import type { UsageRecord } from '../../../shared/contracts/usage.ts';
import { AppError } from '../../../shared/errors.ts';
import { dayOf, type TenantDay } from '../../../shared/usage/tenant-day.ts';
import type { UsageRepository } from '../../../shared/usage/usage-repository.ts';
import { totalKey, type UsageTotal } from '../../../shared/usage/usage-total.ts';
import type { Versioned } from '../../../shared/versioned.ts';

export interface MemoryUsageRepository extends UsageRepository {
  readonly stored: Map<string, Versioned<UsageTotal>>;
}

const PAGE_SIZE = 2;

/** The port in memory, one record or two a page; every step waits for `turn`, so that others get between any two. */
export function createMemoryUsageRepository(turn: () => Promise<unknown>): MemoryUsageRepository {
  const ledger = new Map<string, UsageRecord>();
  const stored = new Map<string, Versioned<UsageTotal>>();
  const marks = new Map<string, Versioned<TenantDay>>();
  let version = 0;
  const nextEtag = () => {
    version += 1;
    return `"${version}"`;
  };
  const keyOf = (total: UsageTotal) => `${total.tenantId} ${totalKey(total)}`;
  const markOf = ({ tenantId, day }: TenantDay) => `${tenantId} ${day}`;

  async function* paged<T>(items: readonly T[]): AsyncGenerator<readonly T[]> {
    for (let start = 0; start < items.length; start += PAGE_SIZE) {
      yield items.slice(start, start + PAGE_SIZE);
      await turn();
    }
  }

  return {
    stored,
    async addRecord(record) {
      await turn();
      if (!ledger.has(record.id)) ledger.set(record.id, record);
    },
    async *records({ tenantId, day }) {
      await turn();
      yield* paged([...ledger.values()].filter((record) => record.tenantId === tenantId && dayOf(record.at) === day));
    },
    async *totals(tenantId, from, to) {
      await turn();
      const wanted = ({ value }: Versioned<UsageTotal>) =>
        value.tenantId === tenantId && from <= value.day && value.day <= to;
      yield* paged([...stored.values()].filter(wanted));
    },
    async saveTotal(total, etag) {
      await turn();
      const current = stored.get(keyOf(total));
      if (etag === null && current) throw new AppError('conflict', 'It exists already.');
      if (etag !== null && current?.etag !== etag) throw new AppError('precondition_failed', 'It was changed.');
      stored.set(keyOf(total), { value: total, etag: nextEtag() });
    },
    async removeTotal(total, etag) {
      await turn();
      if (stored.get(keyOf(total))?.etag !== etag) throw new AppError('precondition_failed', 'It was changed.');
      stored.delete(keyOf(total));
    },
    async markDirty(day) {
      await turn();
      marks.set(markOf(day), { value: day, etag: nextEtag() });
    },
    async dirtyDays(limit, within) {
      await turn();
      const wanted = ({ value: { tenantId, day } }: Versioned<TenantDay>) =>
        !within || (tenantId === within.tenantId && within.from <= day && day <= within.to);
      return [...marks.values()].filter(wanted).slice(0, limit);
    },
    async clearDirty(day, etag) {
      await turn();
      if (marks.get(markOf(day))?.etag === etag) marks.delete(markOf(day));
    },
  };
}
