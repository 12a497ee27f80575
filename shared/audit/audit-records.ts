import type { AuditExportQuery, AuditItem, AuditQuery, AuditReport, AuditVerifyQuery } from '../contracts/audit.ts';
import type { TenantId } from '../contracts/identifiers.ts';
import type { Page } from '../contracts/paging.ts';
import { AppError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { AuditBlocks } from './audit-blocks.ts';
import type { AuditRepository } from './audit-repository.ts';
import { borderAt } from './audit-times.ts';
import { exportLines } from './export-lines.ts';
import { collectAudit } from './read-audit.ts';
import type { AuditedTenant } from './seal-audit.ts';
import { verifyAudit } from './verify-audit.ts';

const DAY_MILLISECONDS = 86_400_000;
const USUAL_DAYS = 90;
const MAX_DAYS = 400;
const CLOCK_DIFFERENCE_MILLISECONDS = 60_000;
const AUDIT_ID = /^aud_[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/** The acts on record in a principal's own tenant and those below it; of any other: `not_found`. */
export interface AuditRecords {
  /** The newest first. @throws AppError `bad_request` for a continuation or a range that cannot be. */
  list(principal: Principal, query: AuditQuery): Promise<Page<AuditItem>>;
  /** The oldest first, as lines of JSON. */
  export(principal: Principal, query: AuditExportQuery): Promise<AsyncGenerator<Uint8Array>>;
  verify(principal: Principal, query: AuditVerifyQuery): Promise<AuditReport>;
}

export interface AuditRecordsOptions {
  readonly repository: AuditRepository;
  readonly blocks: AuditBlocks;
  /** @throws AppError `not_found` for a tenant that the principal does not administer. */
  readonly tenantOf: (
    principal: Principal,
    tenantId: TenantId,
  ) => Promise<AuditedTenant & { readonly retentionDays: number | null }>;
  readonly now: () => Date;
  readonly log: Logger;
}

export function createAuditRecords(options: AuditRecordsOptions): AuditRecords {
  const { repository, tenantOf, now, log } = options;

  async function requireReadable(principal: Principal, tenantId: TenantId | undefined): Promise<TenantId> {
    if (tenantId === undefined || tenantId === principal.tenantId) return principal.tenantId;
    return (await tenantOf(principal, tenantId)).id;
  }

  return {
    async list(principal, { tenantId: wanted, from, to, limit, continuation, ...filter }) {
      const tenantId = await requireReadable(principal, wanted);
      const { after, before } = rangeOf(from, to, continuation, now());
      const range = { tenantId, after, before, order: 'newest-first', filter, limit: limit + 1 } as const;
      const found = await collectAudit(repository, range);
      const items = found.slice(0, limit);
      return { items, continuation: found.length > limit ? (items.at(-1)?.id ?? null) : null };
    },
    async export(principal, { tenantId: wanted, from, to, after }) {
      const tenantId = await requireReadable(principal, wanted);
      const start = justBefore(borderAt(new Date(from)));
      const range = { tenantId, after: after && after > start ? after : start, before: borderAt(new Date(to)) };
      return exportLines(repository, range, log);
    },
    async verify(principal, { tenantId = principal.tenantId, fromBlock }) {
      const { retentionDays, ...tenant } = await tenantOf(principal, tenantId);
      const retainedSince = retentionDays && new Date(now().getTime() - retentionDays * DAY_MILLISECONDS);
      return verifyAudit(options, { ...tenant, retainedSince: retainedSince || null }, fromBlock);
    },
  };
}

function rangeOf(from: string | undefined, to: string | undefined, continuation: string | undefined, now: Date) {
  if (continuation !== undefined && !AUDIT_ID.test(continuation)) {
    throw new AppError('bad_request', 'The continuation is not from an earlier page of this list. Start again.');
  }
  const end = to ? new Date(to) : new Date(now.getTime() + CLOCK_DIFFERENCE_MILLISECONDS);
  const start = from ? new Date(from) : new Date(end.getTime() - USUAL_DAYS * DAY_MILLISECONDS);
  if (end.getTime() - start.getTime() > MAX_DAYS * DAY_MILLISECONDS) {
    throw new AppError('bad_request', `Ask for at most ${MAX_DAYS} days at a time.`);
  }
  const border = borderAt(end);
  return {
    after: justBefore(borderAt(start)),
    before: continuation && continuation < border ? continuation : border,
  };
}

/** Ids have one length, so that an id without its last character lies right before it and after all others before. */
const justBefore = (id: string) => id.slice(0, -1);
