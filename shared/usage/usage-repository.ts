import type { TenantId } from '../contracts/identifiers.ts';
import type { UsageRecord } from '../contracts/usage.ts';
import type { Versioned } from '../versioned.ts';
import type { TenantDay } from './tenant-day.ts';
import type { UsageTotal } from './usage-total.ts';

/** The ledger, which only grows, and the totals that are derived from it. Long answers come in pages. */
export interface UsageRepository {
  /** Does nothing when there is a record of that id. */
  addRecord(record: UsageRecord): Promise<void>;
  records(day: TenantDay): AsyncIterable<readonly UsageRecord[]>;
  /** The totals of the days from `from` to `to`, both included, of one month. */
  totals(tenantId: TenantId, from: string, to: string): AsyncIterable<readonly Versioned<UsageTotal>[]>;
  /** `etag` names what is replaced, null that there is none. @throws AppError `conflict` or `precondition_failed` */
  saveTotal(total: UsageTotal, etag: string | null): Promise<void>;
  /** @throws AppError `precondition_failed` */
  removeTotal(total: UsageTotal, etag: string): Promise<void>;

  /** Says that a day has records that its totals may lack. */
  markDirty(day: TenantDay): Promise<void>;
  /** The first `limit` days to add up again: of every tenant, or within a span of one. */
  dirtyDays(limit: number, within?: UsageSpan): Promise<readonly Versioned<TenantDay>[]>;
  /** Does nothing when the day was marked again after `etag`. */
  clearDirty(day: TenantDay, etag: string): Promise<void>;
}

/** Days of one tenant, the first and the last included. */
export interface UsageSpan {
  readonly tenantId: TenantId;
  readonly from: string;
  readonly to: string;
}
