import type { AuditBlocks } from '../../../shared/audit/audit-blocks.ts';
import type { AuditRepository } from '../../../shared/audit/audit-repository.ts';
import { createAuditSealer, type SealAuditOptions } from '../../../shared/audit/seal-audit.ts';
import { verifyAudit } from '../../../shared/audit/verify-audit.ts';
import type { AuditItem } from '../../../shared/contracts/audit.ts';
import { firstIdAt, newId, timeOfId } from '../../../shared/identifiers.ts';
import type { Logger } from '../../../shared/telemetry/logger.ts';

export const tenant = { id: newId('ten'), createdAt: '2026-01-30T12:00:00.000Z', retainedSince: null };
const START = Date.parse(tenant.createdAt);

/** An act of the tenant, `minutes` after its creation. */
export function actAt(minutes: number): AuditItem {
  const id = `${firstIdAt('aud', new Date(START + minutes * 60_000)).slice(0, -3)}00Z`;
  return {
    id,
    tenantId: tenant.id,
    at: timeOfId(id).toISOString(),
    action: 'document.updated',
    outcome: 'allowed',
    actor: { kind: 'user', id: 'somebody', name: 'Some Body' },
    subject: `doc_${minutes}`,
    details: { changed: ['access'] },
    traceId: 'f'.repeat(32),
  };
}

/** Both stores in memory, open to whoever tampers with them. */
export function memoryAudit(settledMinutes = 1_000_000) {
  const live = new Map<string, AuditItem>();
  const sealed = new Map<number, string>();
  const logged: string[] = [];
  const note = (event: string) => void logged.push(event);
  const log: Logger = { debug: note, info: note, warn: note, error: note };

  const repository: AuditRepository = {
    async append(item) {
      if (!live.has(item.id)) live.set(item.id, item);
    },
    async slice({ month, after, before, order, limit }) {
      const found = [...live.values()].filter(({ id, at }) => at.startsWith(month) && id > after && id < before);
      found.sort((one, other) => (one.id < other.id ? -1 : 1));
      return (order === 'oldest-first' ? found : found.reverse()).slice(0, limit);
    },
  };
  const blocks: AuditBlocks = {
    async create(_tenantId, sequence, content) {
      if (sealed.has(sequence)) return false;
      sealed.set(sequence, content);
      return true;
    },
    read: async (_tenantId, sequence) => sealed.get(sequence) ?? null,
    async *sequences() {
      yield* [...sealed.keys()].sort((one, other) => one - other);
    },
  };

  async function* tenants() {
    yield tenant;
  }
  const now = () => new Date(START + settledMinutes * 60_000);
  const options: SealAuditOptions = { repository, blocks, tenants, now, log };
  return {
    live,
    sealed,
    logged,
    options,
    repository,
    record: (...items: AuditItem[]) => Promise.all(items.map((item) => repository.append(item))),
    seal: createAuditSealer(options),
    verify: (fromBlock = 1) => verifyAudit({ repository, blocks }, tenant, fromBlock),
  };
}
