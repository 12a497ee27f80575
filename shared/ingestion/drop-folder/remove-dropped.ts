import type { AuditLog } from '../../audit/audit-log.ts';
import { recordDocumentLife } from '../../audit/record-document-life.ts';
import type { DocumentChanges } from '../../knowledge/document-changes.ts';
import type { DocumentKey, DocumentRepository } from '../../knowledge/document-repository.ts';

export interface RemoveDroppedOptions {
  readonly repository: Pick<DocumentRepository, 'find'>;
  readonly changes: Pick<DocumentChanges, 'withdraw'>;
  readonly audit: AuditLog;
}

/**
 * Removes the document of a file that is not in the drop folder any more, as a delete through the API would.
 * @returns whether there was one to remove.
 */
export type RemoveDropped = (key: DocumentKey) => Promise<boolean>;

export function createRemoveDropped({ repository, changes, audit }: RemoveDroppedOptions): RemoveDropped {
  return async (key) => {
    const seen = (await repository.find(key))?.value;
    // A file that an import waits for has not been there yet.
    if (!seen?.drop?.etag) return false;
    const { etag } = seen.drop;
    // Not when another file came to its place meanwhile.
    if (!(await changes.withdraw(key, (document) => document.drop?.etag === etag))) return false;
    await recordDocumentLife(audit, key, { action: 'document.dropped-file-removed' });
    return true;
  };
}
