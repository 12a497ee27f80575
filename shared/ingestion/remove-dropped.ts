import type { AuditLog } from '../audit/audit-log.ts';
import { recordDocumentLife } from '../audit/record-document-life.ts';
import { changeDocument } from '../knowledge/change-document.ts';
import { startDeleting } from '../knowledge/document-lifecycle.ts';
import type { DocumentKey, DocumentRepository } from '../knowledge/document-repository.ts';
import type { IngestionQueues } from '../knowledge/ingestion-queues.ts';
import type { VectorSpace, VectorStore } from '../knowledge/vector-store.ts';

export interface RemoveDroppedOptions {
  readonly repository: DocumentRepository;
  readonly queues: Pick<IngestionQueues, 'documentDelete'>;
  readonly vectorStore: Pick<VectorStore, 'removeDocument'>;
  readonly space: VectorSpace;
  readonly audit: AuditLog;
  readonly now: () => Date;
}

/**
 * Removes the document of a file that is not in the drop folder any more, as a delete through the API would.
 * @returns whether there was one to remove.
 */
export type RemoveDropped = (key: DocumentKey) => Promise<boolean>;

export function createRemoveDropped(options: RemoveDroppedOptions): RemoveDropped {
  const { repository, queues, vectorStore, space, audit, now } = options;
  return async (key) => {
    const seen = (await repository.find(key))?.value;
    // A file that an import waits for has not been there yet.
    if (!seen?.drop?.etag) return false;
    const { etag } = seen.drop;
    // Not when another file came to its place meanwhile.
    const marked = await changeDocument(repository, key, (document) =>
      document.drop?.etag === etag ? startDeleting(document, now().toISOString()) : null,
    );
    // One that is being deleted gets another message: a crash may have come before the first.
    if (!marked && seen.status !== 'deleting') return false;
    await queues.documentDelete(key);
    if (!marked) return false;
    await vectorStore.removeDocument(space, key);
    await recordDocumentLife(audit, key, { action: 'document.dropped-file-removed' });
    return true;
  };
}
