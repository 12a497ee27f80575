import { AppError } from '../../errors.ts';
import type { DocumentKey, DocumentRepository, StoredDocument } from '../../knowledge/document-repository.ts';
import type { Cosmos } from './client.ts';
import { createItemStore } from './item-store.ts';

const NEWEST_FIRST = 'SELECT * FROM c ORDER BY c.createdAt DESC, c.id DESC';

const partitionOf = ({ tenantId, knowledgeBaseId }: Omit<DocumentKey, 'documentId'>) => [tenantId, knowledgeBaseId];

export function createDocumentRepository(cosmos: Cosmos): DocumentRepository {
  const items = createItemStore<StoredDocument>(cosmos, 'documents');
  return {
    find: (key) => items.read(partitionOf(key), key.documentId),
    list: (tenantId, knowledgeBaseId, page) => items.page([tenantId, knowledgeBaseId], NEWEST_FIRST, page),
    create: (document) => items.create(document),
    async replace(document, etag) {
      const replaced = await items.replace(partitionOf(document), document, etag);
      if (!replaced) throw new AppError('precondition_failed', 'The document was deleted meanwhile.');
      return replaced;
    },
    remove: (key) => items.remove(partitionOf(key), key.documentId),
  };
}
