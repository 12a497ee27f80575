import type { DocumentRemoval } from '../ingestion/delete-step.ts';
import type { DocumentRepository } from '../knowledge/document-repository.ts';
import { keyOf } from '../knowledge/document-source.ts';
import type { KnowledgeBaseRepository } from '../knowledge/knowledge-base-repository.ts';
import type { Eraser } from './eraser.ts';
import { addRemoved, type Removed } from './stores.ts';

const DOCUMENTS_AT_ONCE = 25;

/** What a person uploaded to any knowledge base of the tenant, from all stores that a document is in. */
export function createDocumentEraser(options: {
  readonly documents: Pick<DocumentRepository, 'createdBy'>;
  readonly knowledgeBases: Pick<KnowledgeBaseRepository, 'list'>;
  readonly removeDocument: DocumentRemoval;
}): Eraser {
  const { documents, knowledgeBases, removeDocument } = options;
  return async ({ tenantId, userId }) => {
    let removed: Removed = {};
    for (const { id } of await knowledgeBases.list(tenantId)) {
      for (const document of await documents.createdBy(tenantId, id, userId, DOCUMENTS_AT_ONCE)) {
        const { files, vectors } = await removeDocument(keyOf(document));
        removed = addRemoved(removed, { 'database/documents': 1, 'files/documents': files, 'vectors/chunks': vectors });
      }
    }
    return removed;
  };
}
