import { AppError } from '../../errors.ts';
import type { DocumentKey, DocumentRepository, StoredDocument } from '../../knowledge/document-repository.ts';
import type { Versioned } from '../../versioned.ts';
import type { Cosmos } from './client.ts';
import { createItemStore } from './item-store.ts';

const NEWEST_FIRST = 'SELECT * FROM c ORDER BY c.createdAt DESC, c.id DESC';
const BY_CREATOR = 'SELECT * FROM c WHERE c.createdBy = @userId';
const UNCHANGED =
  "SELECT * FROM c WHERE c.id > @after AND (c.updatedAt < @before OR c.status = 'deleting') ORDER BY c.id ASC";

/** Records from before there were revisions have none. */
type DocumentItem = Omit<StoredDocument, 'revision'> & Partial<Pick<StoredDocument, 'revision'>>;

const toDocument = (item: DocumentItem): StoredDocument => ({ revision: 0, ...item });
const toVersioned = ({ value, etag }: Versioned<DocumentItem>) => ({ value: toDocument(value), etag });

const partitionOf = ({ tenantId, knowledgeBaseId }: Omit<DocumentKey, 'documentId'>) => [tenantId, knowledgeBaseId];

export function createDocumentRepository(cosmos: Cosmos): DocumentRepository {
  const items = createItemStore<DocumentItem>(cosmos, 'documents');
  return {
    async find(key) {
      const found = await items.read(partitionOf(key), key.documentId);
      return found && toVersioned(found);
    },
    async list(tenantId, knowledgeBaseId, page) {
      const found = await items.page([tenantId, knowledgeBaseId], NEWEST_FIRST, page);
      return { ...found, items: found.items.map(toDocument) };
    },
    count: (tenantId, knowledgeBaseId) => items.count([tenantId, knowledgeBaseId]),
    async createdBy(tenantId, knowledgeBaseId, userId, limit) {
      const parameters = [{ name: '@userId', value: userId }];
      const found = await items.first([tenantId, knowledgeBaseId], { query: BY_CREATOR, parameters }, limit);
      return found.map(toDocument);
    },
    async unchangedSince(tenantId, knowledgeBaseId, before, { after, limit }) {
      const parameters = [
        { name: '@after', value: after },
        { name: '@before', value: before },
      ];
      const found = await items.first([tenantId, knowledgeBaseId], { query: UNCHANGED, parameters }, limit);
      return found.map(toDocument);
    },
    create: async (document) => toVersioned(await items.create(document)),
    async replace(document, etag) {
      const replaced = await items.replace(partitionOf(document), document, etag);
      if (!replaced) throw new AppError('precondition_failed', 'The document was deleted meanwhile.');
      return toVersioned(replaced);
    },
    remove: (key) => items.remove(partitionOf(key), key.documentId),
  };
}
