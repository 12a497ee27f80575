import type { TenantId } from '../contracts/identifiers.ts';
import type { Principal } from '../identity/principal.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { AuditBlocks } from './audit-blocks.ts';
import type { AuditLog } from './audit-log.ts';
import { type AuditRecords, createAuditRecords } from './audit-records.ts';
import type { AuditRepository } from './audit-repository.ts';
import { createAuditTrail } from './audit-trail.ts';
import { type AuditedTenant, createAuditSealer } from './seal-audit.ts';

/** All that is done with acts: they are recorded, read and sealed; there is nothing else. */
export interface Audit extends AuditLog {
  readonly records: AuditRecords;
  /** Seals what has settled, of all tenants; a tenant that fails is in the log and holds up no other. */
  seal(): Promise<void>;
}

export interface AuditOptions {
  readonly repository: AuditRepository;
  readonly blocks: AuditBlocks;
  readonly tenants: () => AsyncIterable<AuditedTenant>;
  /** @throws AppError `not_found` for a tenant that the principal does not administer. */
  readonly tenantOf: (
    principal: Principal,
    tenantId: TenantId,
  ) => Promise<AuditedTenant & { readonly retentionDays: number | null }>;
  readonly newId: (prefix: 'aud') => string;
  readonly now: () => Date;
  readonly log: Logger;
}

export function createAudit(options: AuditOptions): Audit {
  return { ...createAuditTrail(options), records: createAuditRecords(options), seal: createAuditSealer(options) };
}
