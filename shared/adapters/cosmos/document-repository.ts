import { AppError } from '../../errors.ts';
import type { DocumentKey, DocumentRepository, StoredDocument } from '../../knowledge/document-repository.ts';
import type { Cosmos } from './client.ts';
import { createItemStore } from './item-store.ts';

const NEWEST_FIRST = 'SELECT * FROM c ORDER BY c.createdAt DESC, c.id DESC';
const NEWEST_OF_STATUS = 'SELECT * FROM c WHERE c.status = @status ORDER BY c.createdAt DESC, c.id DESC';
const COUNT_OF_STATUS = 'SELECT VALUE COUNT(1) FROM c WHERE c.status = @status';
const BY_CREATOR = 'SELECT * FROM c WHERE c.createdBy = @userId';
const UNCHANGED =
  "SELECT * FROM c WHERE c.id > @after AND (c.updatedAt < @before OR c.status = 'deleting') ORDER BY c.id ASC";

const IN_FOLDER = 'SELECT * FROM c WHERE c.id > @after AND STARTSWITH(c["drop"].path, @folder) ORDER BY c.id ASC';

const BY_ID = 'SELECT * FROM c WHERE c.id > @after ORDER BY c.id ASC';
const BY_IDS = 'SELECT * FROM c WHERE ARRAY_CONTAINS(@ids, c.id)';
const COUNT_DROPPED = 'SELECT VALUE COUNT(1) FROM c WHERE c["drop"].etag != "" AND c.status != "deleting"';

const partitionOf = ({ tenantId, knowledgeBaseId }: Omit<DocumentKey, 'documentId'>) => [tenantId, knowledgeBaseId];

export function createDocumentRepository(cosmos: Cosmos): DocumentRepository {
  const items = createItemStore<StoredDocument>(cosmos, 'documents');
  return {
    find: (key) => items.read(partitionOf(key), key.documentId),
    list(tenantId, knowledgeBaseId, { status, ...page }) {
      const ofStatus = { query: NEWEST_OF_STATUS, parameters: [{ name: '@status', value: status ?? null }] };
      return items.page([tenantId, knowledgeBaseId], status ? ofStatus : NEWEST_FIRST, page);
    },
    countOf(knowledgeBase, status) {
      const parameters = [{ name: '@status', value: status }];
      return items.count(partitionOf(knowledgeBase), { query: COUNT_OF_STATUS, parameters });
    },
    count: (tenantId, knowledgeBaseId) => items.count([tenantId, knowledgeBaseId]),
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
    byId(knowledgeBase, { after, limit }) {
      const parameters = [{ name: '@after', value: after }];
      return items.first(partitionOf(knowledgeBase), { query: BY_ID, parameters }, limit);
    },
    byIds(knowledgeBase, ids) {
      const parameters = [{ name: '@ids', value: [...ids] }];
      return items.first(partitionOf(knowledgeBase), { query: BY_IDS, parameters }, ids.length);
    },
    countDropped: (knowledgeBase) => items.count(partitionOf(knowledgeBase), COUNT_DROPPED),
    inFolder(knowledgeBase, folder, { after, limit }) {
      const parameters = [
        { name: '@after', value: after },
        { name: '@folder', value: folder },
      ];
      return items.first(partitionOf(knowledgeBase), { query: IN_FOLDER, parameters }, limit);
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
