import type { KnowledgeBaseStatus, ReconcileReport, RetriedDocuments } from '../../contracts/drop-folder.ts';
import type { KnowledgeBaseId } from '../../contracts/identifiers.ts';
import type { Principal } from '../../identity/principal.ts';
import type { KnowledgeBaseKey } from '../../knowledge/document-repository.ts';
import type { KnowledgeBases } from '../../knowledge/knowledge-bases.ts';
import type { Reconcile } from '../reconcile/reconcile.ts';
import { type FolderStatusOptions, readFolderStatus } from './folder-status.ts';
import { type RetryFailedOptions, retryFailed } from './retry-failed.ts';

/** Within the time that gateways give an answer. */
const MAX_CALL_MILLISECONDS = 45_000;

/** What who manages a knowledge base may ask about its drop folder, and have done to it; `not_found` or `forbidden` else. */
export interface DropFolders {
  reconcile(principal: Principal, id: KnowledgeBaseId, confirmRemovals: boolean): Promise<ReconcileReport>;
  status(principal: Principal, id: KnowledgeBaseId): Promise<KnowledgeBaseStatus>;
  retryFailed(principal: Principal, id: KnowledgeBaseId): Promise<RetriedDocuments>;
}

export interface DropFoldersOptions extends Omit<FolderStatusOptions, 'repository'>, RetryFailedOptions {
  readonly knowledgeBases: Pick<KnowledgeBases, 'getManaged'>;
  readonly runReconcile: Reconcile;
}

export function createDropFolders(options: DropFoldersOptions): DropFolders {
  const { knowledgeBases, runReconcile, now } = options;

  async function managed(principal: Principal, knowledgeBaseId: KnowledgeBaseId): Promise<KnowledgeBaseKey> {
    await knowledgeBases.getManaged(principal, knowledgeBaseId);
    return { tenantId: principal.tenantId, knowledgeBaseId };
  }

  function timer(): () => boolean {
    const until = now().getTime() + MAX_CALL_MILLISECONDS;
    return () => now().getTime() > until;
  }

  return {
    reconcile: async (principal, id, confirmRemovals) =>
      runReconcile(await managed(principal, id), { isTimeUp: timer(), confirmRemovals }),
    status: async (principal, id) => readFolderStatus(options, await managed(principal, id)),
    retryFailed: async (principal, id) => retryFailed(options, await managed(principal, id), timer()),
  };
}
