import type { AuditItem } from '../contracts/audit.ts';

/** Takes acts off the record that the policy no longer keeps there. Retention alone holds one; no API does. */
export interface AuditRemoval {
  /** Does nothing when it is gone already. */
  remove(item: Pick<AuditItem, 'id' | 'tenantId' | 'at'>): Promise<void>;
}
