import type { AuditFilter, AuditItem } from '../contracts/audit.ts';
import type { TenantId } from '../contracts/identifiers.ts';
import type { AuditRepository, AuditSlice } from './audit-repository.ts';
import { monthsBetween } from './audit-times.ts';

const SLICE_ITEMS = 500;

export interface AuditRange {
  readonly tenantId: TenantId;
  /** Ids greater than this one… */
  readonly after: string;
  /** …and less than this one. */
  readonly before: string;
  readonly order: AuditSlice['order'];
  readonly filter?: AuditFilter;
  /** How many are wanted: no slice is larger. */
  readonly limit: number;
}

/** The acts of a range, month by month, at most `limit`; each slice is read when it is needed. */
export async function* readAudit(repository: AuditRepository, range: AuditRange): AsyncGenerator<AuditItem> {
  const { tenantId, order, filter = {} } = range;
  const months = monthsBetween(range.after, range.before);
  let { after, before, limit: left } = range;
  for (const month of order === 'oldest-first' ? months : months.reverse()) {
    let limit: number;
    let items: AuditItem[];
    do {
      limit = Math.min(left, SLICE_ITEMS);
      items = limit === 0 ? [] : await repository.slice({ tenantId, month, after, before, order, filter, limit });
      yield* items;
      left -= items.length;
      if (order === 'oldest-first') after = items.at(-1)?.id ?? after;
      else before = items.at(-1)?.id ?? before;
    } while (items.length === limit && left > 0);
  }
}

/** The same at once. */
export async function collectAudit(repository: AuditRepository, range: AuditRange): Promise<AuditItem[]> {
  const items: AuditItem[] = [];
  for await (const item of readAudit(repository, range)) items.push(item);
  return items;
}
