import type { TenantId } from '../contracts/identifiers.ts';
import { AppError } from '../errors.ts';
import type { Logger } from '../telemetry/logger.ts';
import { type AuditBlockHeader, GENESIS_HASH, parseBlock, sealBlock } from './audit-block.ts';
import type { AuditBlocks } from './audit-blocks.ts';
import type { AuditRepository } from './audit-repository.ts';
import { borderAt } from './audit-times.ts';
import { collectAudit } from './read-audit.ts';

/** No act that is still on its way to the store can be older: an attempt ends within 15 s, the last begins within 60 s. */
const SETTLE_MILLISECONDS = 120_000;
const MAX_ITEMS_PER_BLOCK = 1_000;
/** More is left for the next run. */
const MAX_BLOCKS_PER_RUN = 20;
const TENANTS_AT_ONCE = 8;
const DAY_MILLISECONDS = 86_400_000;

/** A tenant whose acts are sealed: none is older than the tenant. */
export interface AuditedTenant {
  readonly id: TenantId;
  readonly createdAt: string;
}

export interface SealAuditOptions {
  readonly repository: AuditRepository;
  readonly blocks: AuditBlocks;
  readonly tenants: () => AsyncIterable<AuditedTenant>;
  readonly now: () => Date;
  readonly log: Logger;
  readonly settleMilliseconds?: number;
}

/**
 * Seals what has settled since the last block of each tenant. Sealers may run at once, or end anywhere: whoever writes a
 * number first has sealed it, and everybody else goes on after it.
 */
export function createAuditSealer(options: SealAuditOptions): () => Promise<void> {
  const { tenants, log } = options;

  async function sealOrLog(tenant: AuditedTenant): Promise<void> {
    try {
      const sealed = await sealTenant(options, tenant);
      if (sealed > 0) log.info('audit sealed', { tenantId: tenant.id, items: sealed });
    } catch (error) {
      log.error('audit not sealed', { tenantId: tenant.id, error });
    }
  }

  return async () => {
    let group: AuditedTenant[] = [];
    for await (const tenant of tenants()) {
      group.push(tenant);
      if (group.length < TENANTS_AT_ONCE) continue;
      await Promise.all(group.map(sealOrLog));
      group = [];
    }
    await Promise.all(group.map(sealOrLog));
  };
}

/** @returns how many acts this call sealed */
async function sealTenant(options: SealAuditOptions, tenant: AuditedTenant): Promise<number> {
  const { repository, blocks, now, settleMilliseconds = SETTLE_MILLISECONDS } = options;
  const before = borderAt(new Date(now().getTime() - settleMilliseconds));
  let last = await lastHeader(blocks, tenant.id);
  let sealed = 0;
  for (let written = 0; written < MAX_BLOCKS_PER_RUN; written += 1) {
    const after = last?.lastId ?? startOf(tenant);
    const range = { tenantId: tenant.id, after, before, order: 'oldest-first', limit: MAX_ITEMS_PER_BLOCK } as const;
    const [first, ...rest] = after < before ? await collectAudit(repository, range) : [];
    if (!first) break;
    const sequence: number = (last?.sequence ?? 0) + 1;
    const facts = { sequence, sealedAt: now().toISOString(), previousHash: last?.hash ?? GENESIS_HASH };
    const { header, content } = sealBlock({ tenantId: tenant.id, ...facts }, [first, ...rest]);
    const isOurs = await blocks.create(tenant.id, sequence, content);
    last = isOurs ? header : await headerOf(blocks, tenant.id, sequence);
    sealed += isOurs ? header.count : 0;
  }
  return sealed;
}

/** The border before which a tenant has no acts: the beginning of the day before it was created, for clocks that differ. */
export function startOf({ createdAt }: AuditedTenant): string {
  return borderAt(new Date(Date.parse(createdAt) - DAY_MILLISECONDS));
}

/** What the newest block says; null when nothing is sealed. Reads the whole list, because a missing number in its middle must not be taken for its end. */
export async function lastHeader(blocks: AuditBlocks, tenantId: TenantId): Promise<AuditBlockHeader | null> {
  let last = 0;
  for await (const sequence of blocks.sequences(tenantId)) last = sequence;
  return last === 0 ? null : headerOf(blocks, tenantId, last);
}

async function headerOf(blocks: AuditBlocks, tenantId: TenantId, sequence: number): Promise<AuditBlockHeader> {
  const block = parseBlock((await blocks.read(tenantId, sequence)) ?? '');
  if (!block) throw new AppError('internal', `Block ${sequence} cannot be read, so that none can follow it.`);
  return block.header;
}
