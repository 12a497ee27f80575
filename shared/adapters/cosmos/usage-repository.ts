import { createHash } from 'node:crypto';
import type { UsageRecord } from '../../contracts/usage.ts';
import { AppError, isAppError } from '../../errors.ts';
import { dayOf, monthOf } from '../../usage/tenant-day.ts';
import type { UsageRepository } from '../../usage/usage-repository.ts';
import { totalKey, type UsageTotal } from '../../usage/usage-total.ts';
import type { Versioned } from '../../versioned.ts';
import type { Cosmos } from './client.ts';
import { createDirtyDays } from './dirty-days.ts';
import { createItemStore, type Item, type ItemStore, type Partition } from './item-store.ts';

const PAGE_SIZE = 500;

interface UsageItem extends Item {
  readonly tenantId: string;
  readonly month: string;
}
type RecordItem = UsageItem & { readonly record: UsageRecord };
type TotalItem = UsageItem & { readonly total: UsageTotal };

/**
 * Records and totals of a tenant's month share a partition. Their ids begin with their type and day, and ids are always
 * indexed: a day of either is a range of ids.
 */
export function createUsageRepository(cosmos: Cosmos): UsageRepository {
  const records = createItemStore<RecordItem>(cosmos, 'usage');
  const totals = createItemStore<TotalItem>(cosmos, 'usage');
  const readTotals = createItemStore<Item & { total: UsageTotal; etag: string }>(cosmos, 'usage');

  return {
    ...createDirtyDays(cosmos),
    async addRecord(record) {
      try {
        await records.create({ ...partOf(record.tenantId, record.at), id: recordId(record), record });
      } catch (error) {
        if (!isAppError(error, 'conflict')) throw error;
      }
    },
    async *records({ tenantId, day }) {
      const query = `SELECT c.id, c.record FROM c WHERE ${idsOf('record', day, day)}`;
      for await (const page of pages(records, [tenantId, monthOf(day)], query)) yield page.map(({ record }) => record);
    },
    async *totals(tenantId, from, to) {
      const query = `SELECT c.id, c.total, c._etag AS etag FROM c WHERE ${idsOf('total', from, to)}`;
      for await (const page of pages(readTotals, [tenantId, monthOf(from)], query)) {
        // Totals that were stored before there were units have none.
        yield page.map(
          ({ total, etag }): Versioned<UsageTotal> => ({ value: { ...total, units: total.units ?? 0 }, etag }),
        );
      }
    },
    async saveTotal(total, etag) {
      const item: TotalItem = { ...partOf(total.tenantId, total.day), id: totalId(total), total };
      const saved = await (etag === null
        ? totals.create(item)
        : totals.replace([item.tenantId, item.month], item, etag));
      if (!saved) throw new AppError('precondition_failed', 'The total is gone.');
    },
    removeTotal: (total, etag) => totals.remove([total.tenantId, monthOf(total.day)], totalId(total), etag),
  };
}

const partOf = (tenantId: string, at: string) => ({ tenantId, month: monthOf(at) });

const recordId = ({ at, id }: UsageRecord) => `record:${dayOf(at)}:${id}`;

function totalId(total: UsageTotal): string {
  return `total:${total.day}:${createHash('sha256').update(totalKey(total)).digest('base64url')}`;
}

/** `;` comes right after the `:` that ends a day. */
function idsOf(type: 'record' | 'total', from: string, to: string): string {
  return `c.id >= '${type}:${from}:' AND c.id < '${type}:${to};'`;
}

async function* pages<T extends Item>(items: ItemStore<T>, partition: Partition, query: string): AsyncGenerator<T[]> {
  let continuation: string | null = null;
  do {
    const page = await items.page(partition, query, { limit: PAGE_SIZE, ...(continuation && { continuation }) });
    yield page.items;
    continuation = page.continuation;
  } while (continuation !== null);
}
