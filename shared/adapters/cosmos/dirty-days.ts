import { isAppError } from '../../errors.ts';
import type { TenantDay } from '../../usage/tenant-day.ts';
import type { UsageRepository } from '../../usage/usage-repository.ts';
import type { Cosmos } from './client.ts';
import { createItemStore, type Item } from './item-store.ts';

/** One partition for the marks of all tenants, because no query may span partitions. */
const PARTITION = ['dirty-days', 'all'] as const;
const MAX_ATTEMPTS = 10;

type Mark = Item & TenantMonth & { readonly of: TenantDay; readonly times: number };
interface TenantMonth {
  readonly tenantId: (typeof PARTITION)[0];
  readonly month: (typeof PARTITION)[1];
}

/** Marks of days that have to be added up; each marking changes the entity tag. */
export function createDirtyDays(cosmos: Cosmos): Pick<UsageRepository, 'markDirty' | 'dirtyDays' | 'clearDirty'> {
  const marks = createItemStore<Mark>(cosmos, 'usage');
  const readMarks = createItemStore<Item & { of: TenantDay; etag: string }>(cosmos, 'usage');

  async function tryToMark(of: TenantDay): Promise<boolean> {
    const id = markId(of);
    if (await marks.patch(PARTITION, id, [{ op: 'incr', path: '/times', value: 1 }])) return true;
    try {
      await marks.create({ id, tenantId: PARTITION[0], month: PARTITION[1], of, times: 1 });
      return true;
    } catch (error) {
      if (isAppError(error, 'conflict')) return false;
      throw error;
    }
  }

  return {
    async markDirty(day) {
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) if (await tryToMark(day)) return;
      throw new Error(`The mark of ${markId(day)} came and went ${MAX_ATTEMPTS} times.`);
    },
    async dirtyDays(limit, within) {
      const range = within
        ? `WHERE c.id >= '${markId({ ...within, day: within.from })}' AND c.id <= '${markId({ ...within, day: within.to })}'`
        : '';
      const found = await readMarks.first(PARTITION, `SELECT c.id, c.of, c._etag AS etag FROM c ${range}`, limit);
      return found.map(({ of, etag }) => ({ value: of, etag }));
    },
    async clearDirty(day, etag) {
      try {
        await marks.remove(PARTITION, markId(day), etag);
      } catch (error) {
        if (!isAppError(error, 'precondition_failed')) throw error;
      }
    },
  };
}

const markId = ({ tenantId, day }: TenantDay) => `${tenantId}:${day}`;
