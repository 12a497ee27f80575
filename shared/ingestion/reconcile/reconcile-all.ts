import type { KnowledgeBaseKey } from '../../knowledge/document-repository.ts';
import type { KnowledgeBaseRepository } from '../../knowledge/knowledge-base-repository.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { TenantRepository } from '../../tenants/tenant.ts';
import type { DropRecords } from '../drop-folder/drop-records.ts';
import type { Reconcile } from './reconcile.ts';

/** Within the time of a function; the next run goes on. */
const MAX_RUN_MILLISECONDS = 8 * 60_000;

export interface ReconcileAllOptions {
  readonly reconcile: Reconcile;
  readonly records: Pick<DropRecords, 'reconciledUpTo' | 'putReconciledUpTo'>;
  readonly tenants: Pick<TenantRepository, 'find' | 'list'>;
  readonly knowledgeBases: Pick<KnowledgeBaseRepository, 'list'>;
  readonly log: Logger;
  readonly now: () => Date;
}

/** Reconciles the knowledge bases of all tenants, beginning with the one at which the last run had no more time. */
export function createReconcileAll(options: ReconcileAllOptions): () => Promise<void> {
  const { reconcile, records, tenants, knowledgeBases, log, now } = options;

  async function allKnowledgeBases(): Promise<KnowledgeBaseKey[]> {
    const all: KnowledgeBaseKey[] = [];
    for (const { id } of await tenants.list()) {
      for (const { id: tenantId } of (await tenants.find(id))?.value.tenants ?? []) {
        const found = await knowledgeBases.list(tenantId);
        all.push(...found.map(({ id: knowledgeBaseId }) => ({ tenantId, knowledgeBaseId })));
      }
    }
    return all.sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
  }

  return async () => {
    const until = now().getTime() + MAX_RUN_MILLISECONDS;
    const isTimeUp = () => now().getTime() > until;
    const all = await allKnowledgeBases();
    const upTo = await records.reconciledUpTo();
    const first = Math.max(
      0,
      all.findIndex((knowledgeBase) => nameOf(knowledgeBase) > upTo),
    );
    for (const knowledgeBase of [...all.slice(first), ...all.slice(0, first)]) {
      if (isTimeUp()) return log.warn('reconcile goes on the next time', { ...knowledgeBase });
      // One knowledge base's failure is not the others'.
      await reconcile(knowledgeBase, { isTimeUp, confirmRemovals: false }).catch((error: unknown) =>
        log.error('reconcile failed', { ...knowledgeBase, error }),
      );
      await records.putReconciledUpTo(nameOf(knowledgeBase));
    }
  };
}

const nameOf = ({ tenantId, knowledgeBaseId }: KnowledgeBaseKey) => `${tenantId}/${knowledgeBaseId}`;
