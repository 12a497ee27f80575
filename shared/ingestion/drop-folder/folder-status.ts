import { DocumentPath, DocumentStatus } from '../../contracts/documents.ts';
import type { FailedDocument, KnowledgeBaseStatus, StatusCounts } from '../../contracts/drop-folder.ts';
import type { DocumentRepository, KnowledgeBaseKey, StoredDocument } from '../../knowledge/document-repository.ts';
import type { DropRecords } from './drop-records.ts';

const FAILURES_SHOWN = 50;

export interface FolderStatusOptions {
  readonly repository: Pick<DocumentRepository, 'countOf' | 'list'>;
  readonly records: Pick<DropRecords, 'accessFiles' | 'reconcileState'>;
}

/** Counts what is there, so that nothing can drift. */
export async function readFolderStatus(
  { repository, records }: FolderStatusOptions,
  knowledgeBase: KnowledgeBaseKey,
): Promise<KnowledgeBaseStatus> {
  const { tenantId, knowledgeBaseId } = knowledgeBase;
  const [byStatus, failed, accessFiles, state] = await Promise.all([
    countByStatus((status) => repository.countOf(knowledgeBase, status)),
    repository.list(tenantId, knowledgeBaseId, { status: 'failed', limit: FAILURES_SHOWN }),
    records.accessFiles(knowledgeBase),
    records.reconcileState(knowledgeBase),
  ]);
  return {
    documents: { total: Object.values(byStatus).reduce((sum, count) => sum + count, 0), byStatus },
    failures: failed.items.map(showFailure),
    accessFileProblems: accessFiles.flatMap(({ folder, problem }) =>
      problem === null ? [] : [{ folder: DocumentPath.parse(folder), reason: problem }],
    ),
    reconcile: state?.report ?? null,
  };
}

export async function countByStatus(countOf: (status: DocumentStatus) => Promise<number>): Promise<StatusCounts> {
  const statuses = DocumentStatus.options;
  const counts = await Promise.all(statuses.map(countOf));
  return Object.fromEntries(statuses.map((status, index) => [status, counts[index] ?? 0])) as StatusCounts;
}

export function showFailure(document: StoredDocument): FailedDocument {
  const { code, reason } = document.error ?? { code: 'unknown', reason: 'It failed without a reason.' };
  return {
    documentId: document.id,
    name: document.name,
    path: document.drop && DocumentPath.parse(document.drop.path),
    code,
    reason,
    at: document.updatedAt,
  };
}
