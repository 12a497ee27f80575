import type { ReconcileReport } from '../contracts/drop-folder.ts';
import type { KnowledgeBaseId } from '../contracts/identifiers.ts';
import type { Principal } from '../identity/principal.ts';
import type { KnowledgeBases } from '../knowledge/knowledge-bases.ts';
import type { Reconcile } from './reconcile/reconcile.ts';

/** Within the time that gateways give an answer. */
const MAX_RECONCILE_MILLISECONDS = 45_000;

/** What who manages a knowledge base may ask about its drop folder, and have done to it. */
export interface DropFolders {
  /** @throws AppError `not_found`, or `forbidden` when it may be seen but not changed. */
  reconcile(principal: Principal, id: KnowledgeBaseId, confirmRemovals: boolean): Promise<ReconcileReport>;
}

export interface DropFoldersOptions {
  readonly knowledgeBases: Pick<KnowledgeBases, 'getManaged'>;
  readonly reconcile: Reconcile;
  readonly now: () => Date;
}

export function createDropFolders(options: DropFoldersOptions): DropFolders {
  const { knowledgeBases, reconcile, now } = options;
  return {
    async reconcile(principal, knowledgeBaseId, confirmRemovals) {
      await knowledgeBases.getManaged(principal, knowledgeBaseId);
      const until = now().getTime() + MAX_RECONCILE_MILLISECONDS;
      const isTimeUp = () => now().getTime() > until;
      return reconcile({ tenantId: principal.tenantId, knowledgeBaseId }, { isTimeUp, confirmRemovals });
    },
  };
}
