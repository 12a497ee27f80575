import type { AuditBlocks } from '../audit/audit-blocks.ts';
import type { AuditRemoval } from '../audit/audit-removal.ts';
import type { AuditRepository } from '../audit/audit-repository.ts';
import { borderAt } from '../audit/audit-times.ts';
import { collectAudit } from '../audit/read-audit.ts';
import { lastHeader, startOf } from '../audit/seal-audit.ts';
import type { Expirer } from './expirer.ts';

const ITEMS_AT_ONCE = 200;

/**
 * Acts that have been sealed and are old enough leave the record; what is not in a block yet stays. The blocks themselves
 * are immutable, and end by the lifecycle rule of their container.
 */
export function createAuditExpirer(options: {
  readonly repository: AuditRepository;
  readonly removal: AuditRemoval;
  readonly blocks: AuditBlocks;
}): Expirer {
  const { repository, removal, blocks } = options;
  return {
    kind: 'audit',
    async expire({ tenantId, createdAt, before, held, isTimeUp }) {
      const sealedUpTo = (await lastHeader(blocks, tenantId))?.lastId;
      if (sealedUpTo === undefined) return 0;
      const border = borderAt(new Date(before));
      let after = startOf({ id: tenantId, createdAt });
      let removed = 0;
      while (after < border && !isTimeUp()) {
        const range = { tenantId, after, before: border, order: 'oldest-first', limit: ITEMS_AT_ONCE } as const;
        const sealed = (await collectAudit(repository, range)).filter(({ id }) => id <= sealedUpTo);
        const expired = sealed.filter(({ actor }) => !held.has(actor.id));
        for (const item of expired) await removal.remove(item);
        removed += expired.length;
        after = sealed.at(-1)?.id ?? border;
      }
      return removed;
    },
  };
}
