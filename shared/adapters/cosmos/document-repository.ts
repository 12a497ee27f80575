import { AppError } from '../../errors.ts';
import type { DocumentKey, DocumentRepository, StoredDocument } from '../../knowledge/document-repository.ts';
import type { Cosmos } from './client.ts';
import { createItemStore } from './item-store.ts';

const NEWEST_FIRST = 'SELECT * FROM c ORDER BY c.createdAt DESC, c.id DESC';
const CHUNKS = 'SELECT VALUE SUM(c.chunkCount) FROM c WHERE IS_NUMBER(c.termCount)';
const TERMS = 'SELECT VALUE SUM(c.termCount) FROM c WHERE IS_NUMBER(c.termCount)';
const BY_CREATOR = 'SELECT * FROM c WHERE c.createdBy = @userId';
const UNCHANGED =
  "SELECT * FROM c WHERE c.id > @after AND (c.updatedAt < @before OR c.status = 'deleting') ORDER BY c.id ASC";

const partitionOf = ({ tenantId, knowledgeBaseId }: Omit<DocumentKey, 'documentId'>) => [tenantId, knowledgeBaseId];

export function createDocumentRepository(cosmos: Cosmos): DocumentRepository {
  const items = createItemStore<StoredDocument>(cosmos, 'documents');
  return {
    find: (key) => items.read(partitionOf(key), key.documentId),
    list: (tenantId, knowledgeBaseId, page) => items.page([tenantId, knowledgeBaseId], NEWEST_FIRST, page),
    count: (tenantId, knowledgeBaseId) => items.count([tenantId, knowledgeBaseId]),
    async lengths(tenantId, knowledgeBaseId) {
      const partition = [tenantId, knowledgeBaseId];
      const [chunks, terms] = await Promise.all([items.total(partition, CHUNKS), items.total(partition, TERMS)]);
      return { chunks, terms };
    },
    createdBy(tenantId, knowledgeBaseId, userId, limit) {
      const parameters = [{ name: '@userId', value: userId }];
      return items.first([tenantId, knowledgeBaseId], { query: BY_CREATOR, parameters }, limit);
    },
    unchangedSince(tenantId, knowledgeBaseId, before, { after, limit }) {
      const parameters = [
        { name: '@after', value: after },
        { name: '@before', value: before },
      ];
      return items.first([tenantId, knowledgeBaseId], { query: UNCHANGED, parameters }, limit);
    },
    create: (document) => items.create(document),
    async replace(document, etag) {
      const replaced = await items.replace(partitionOf(document), document, etag);
      if (!replaced) throw new AppError('precondition_failed', 'The document was deleted meanwhile.');
      return replaced;
    },
    remove: (key) => items.remove(partitionOf(key), key.documentId),
  };
}
