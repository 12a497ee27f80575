import type { AuditFilter, AuditItem } from '../contracts/audit.ts';
import type { TenantId } from '../contracts/identifiers.ts';

/** A part of one tenant's month, in the order of ids, which is that of time. */
export interface AuditSlice {
  readonly tenantId: TenantId;
  /** Such as `2026-01`. */
  readonly month: string;
  /** Only ids greater than this one. */
  readonly after: string;
  /** Only ids less than this one. */
  readonly before: string;
  readonly order: 'oldest-first' | 'newest-first';
  readonly filter: AuditFilter;
  readonly limit: number;
}

/** Where acts are on record. There is no way to change or remove one. */
export interface AuditRepository {
  /** Does nothing when the id is on record already. */
  append(item: AuditItem): Promise<void>;
  slice(slice: AuditSlice): Promise<AuditItem[]>;
}
