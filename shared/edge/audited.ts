import type { AuditDetails } from '../audit/audit-details.ts';
import { actorOf } from '../audit/sign-ins.ts';
import type { AppError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import { getServices } from '../running-services.ts';
import type { DeclaredOperation, Reply } from './operation.ts';

/** A call as far as it has come: what the audit log is told about it. */
export interface Act {
  readonly operation: DeclaredOperation;
  principal?: Principal | null;
  params?: unknown;
  query?: unknown;
  body?: unknown;
}

const MAX_CHANGED = 20;

/**
 * Records that an audited route has done its work. It has been done by now, so that the answer says so even when the
 * audit store is down; see `AuditLog.record` for what happens to the act then.
 */
export async function recordDone(act: Act, reply: Reply): Promise<void> {
  const { operation, principal } = act;
  if (!principal || !operation.audit) return;
  const subject = reply.subject ?? idOf(reply.body) ?? subjectOf(act);
  const details = { ...detailsOf(act, subject), ...reply.details };
  const entry = { action: operation.audit, outcome: 'allowed' as const, subject, details };
  await record(principal, entry, tenantsOf(act, principal));
}

/** Records every denial, and every attempt at an audited route that did not come to its end once it was understood. */
export async function recordRefused(act: Act, error: AppError): Promise<void> {
  const { operation, principal } = act;
  if (!principal) return;
  const subject = subjectOf(act);
  const { name, permission, audit } = operation;
  const details = { ...detailsOf(act, subject), code: error.code };
  if (error.code === 'forbidden') {
    const denial = { action: 'access.denied', outcome: 'denied' as const, subject };
    return record(principal, { ...denial, details: { ...details, operation: name, permission } });
  }
  const isUnderstood = act.params !== undefined && error.code !== 'validation_failed';
  if (audit && isUnderstood) await record(principal, { action: audit, outcome: 'failed', subject, details });
}

interface Said {
  readonly action: string;
  readonly outcome: 'allowed' | 'denied' | 'failed';
  readonly subject: string | null;
  readonly details: AuditDetails;
}

async function record(principal: Principal, said: Said, tenantIds: readonly string[] = [principal.tenantId]) {
  const { audit } = getServices();
  const actor = actorOf(principal);
  await Promise.all(tenantIds.map((tenantId) => audit.record({ ...said, tenantId, actor })));
}

/** What an administrator does to a tenant below is on record in both. */
function tenantsOf({ params, query }: Act, { tenantId }: Principal): readonly string[] {
  const named = fieldOf(params, 'tenantId') ?? fieldOf(query, 'tenantId') ?? tenantId;
  return named === tenantId ? [tenantId] : [tenantId, named];
}

function detailsOf({ operation, params, query, body }: Act, subject: string | null): AuditDetails {
  const names = Object.keys(operation.params?.shape ?? {});
  const ids = names.map((name) => [name, fieldOf(params, name)] as const).filter(([, id]) => id && id !== subject);
  const tenantId = fieldOf(query, 'tenantId');
  const changed = operation.method === 'PATCH' && typeof body === 'object' ? Object.keys(body ?? {}) : [];
  return {
    ...Object.fromEntries(ids),
    ...(tenantId && { tenantId }),
    ...(changed.length > 0 && { changed: changed.slice(0, MAX_CHANGED) }),
  };
}

/** The innermost thing that the path names. */
function subjectOf({ operation, params }: Act): string | null {
  const innermost = Object.keys(operation.params?.shape ?? {}).at(-1);
  return innermost ? (fieldOf(params, innermost) ?? null) : null;
}

const idOf = (body: unknown) => fieldOf(body, 'id');

function fieldOf(value: unknown, name: string): string | undefined {
  const field = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  return typeof field === 'string' ? field : undefined;
}
