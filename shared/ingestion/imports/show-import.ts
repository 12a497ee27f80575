import { DocumentPath } from '../../contracts/documents.ts';
import type { StatusCounts } from '../../contracts/drop-folder.ts';
import type { Import, ImportSummary } from '../../contracts/imports.ts';
import type { DocumentRepository, KnowledgeBaseKey } from '../../knowledge/document-repository.ts';
import { countByStatus, showFailure } from '../drop-folder/folder-status.ts';
import type { StoredImport } from './stored-import.ts';

const FAILURES_SHOWN = 50;

type Documents = Pick<DocumentRepository, 'countOf' | 'list' | 'lastChange'>;

export function summarizeImport({ problems, createdAt, manifest, ...stored }: StoredImport): ImportSummary {
  return { ...stored, manifest: manifest && DocumentPath.parse(manifest), startedAt: createdAt };
}

/** An import with its documents as they are now: counted, so that nothing can drift. */
export async function showImport(
  repository: Documents,
  knowledgeBase: KnowledgeBaseKey,
  stored: StoredImport,
): Promise<Import> {
  const { tenantId, knowledgeBaseId } = knowledgeBase;
  const [documents, failed, lastChange] = await Promise.all([
    countByStatus((status) => repository.countOf(knowledgeBase, status, stored.id)),
    repository.list(tenantId, knowledgeBaseId, { status: 'failed', importId: stored.id, limit: FAILURES_SHOWN }),
    repository.lastChange(knowledgeBase, stored.id),
  ]);
  const status = statusOf(stored, documents);
  const { readAt, ...summary } = summarizeImport(stored);
  return {
    ...summary,
    status,
    documents,
    problems: stored.problems.map((problem) => ({
      ...problem,
      path: problem.path && DocumentPath.parse(problem.path),
    })),
    failures: failed.items.map(showFailure),
    finishedAt: status === 'finished' ? latest(readAt, lastChange) : null,
  };
}

function statusOf({ readAt }: StoredImport, documents: StatusCounts): Import['status'] {
  if (readAt === null) return 'reading';
  if (documents.queued + documents.embedding > 0) return 'processing';
  return documents['awaiting-upload'] > 0 ? 'waiting' : 'finished';
}

const latest = (one: string | null, other: string | null) => ((one ?? '') > (other ?? '') ? one : other);
