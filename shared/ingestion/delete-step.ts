import type { AuditLog } from '../audit/audit-log.ts';
import { recordDocumentLife } from '../audit/record-document-life.ts';
import type { DocumentDeleteMessage } from '../contracts/queue-messages.ts';
import { AppError } from '../errors.ts';
import type { Announce } from '../knowledge/announcements.ts';
import type { BlobStore } from '../knowledge/blob-store.ts';
import { changeDocument } from '../knowledge/change-document.ts';
import { documentPrefix, knowledgeBasePrefix } from '../knowledge/document-blobs.ts';
import { startDeleting } from '../knowledge/document-lifecycle.ts';
import type { DocumentKey, DocumentRepository } from '../knowledge/document-repository.ts';
import type { KnowledgeBaseRepository } from '../knowledge/knowledge-base-repository.ts';
import { LAST_REVISION } from '../knowledge/knowledge-content.ts';
import type { VectorStore } from '../knowledge/vector-store.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { DropRecords } from './drop-folder/drop-records.ts';

const PAGE_SIZE = 100;

export interface DeleteStepOptions {
  /** What is known of a drop folder goes with its knowledge base. */
  readonly records: Pick<DropRecords, 'removeAll'>;
  readonly repository: DocumentRepository;
  readonly knowledgeBases: KnowledgeBaseRepository;
  readonly blobs: BlobStore;
  readonly vectorStore: VectorStore;
  readonly log: Logger;
  readonly audit: AuditLog;
  readonly announce: Announce;
  readonly now: () => Date;
}

/** Removes a document from every store, checks that it did, and says how much there was. */
export type DocumentRemoval = (key: DocumentKey) => Promise<{ readonly files: number; readonly vectors: number }>;

export function createDocumentRemoval(options: Omit<DeleteStepOptions, 'knowledgeBases' | 'records'>): DocumentRemoval {
  const { repository, blobs, vectorStore, log, audit, announce, now } = options;
  return async (key) => {
    await changeDocument(repository, key, (document) => startDeleting(document, now().toISOString()));
    // Read once it cannot change any more.
    const found = await repository.find(key);
    const vectors = await vectorStore.countDocument(key);
    await vectorStore.removeDocument(key);
    const files = await blobs.removePrefix('documents', documentPrefix(key));
    const drop = found?.value.drop;
    // A file that has come to its place since is another one, and stays.
    if (drop?.etag) await blobs.remove('drop', `${knowledgeBasePrefix(key)}${drop.path}`, drop.etag);

    const left = await vectorStore.countDocument(key);
    if (left > 0)
      throw new AppError('dependency_unavailable', `${left} vectors are still there; the message is tried again.`);
    if (found) await recordDocumentLife(audit, key, { action: 'document.erased', details: { files } });
    await repository.remove(key);
    await announce(key, { release: { [key.documentId]: LAST_REVISION } });
    log.info('document removed', { ...key, files, vectors });
    return { files, vectors };
  };
}

/** Removes a document, or a whole knowledge base, from every store, and checks that it did. */
export function createDeleteStep(options: DeleteStepOptions): (message: DocumentDeleteMessage) => Promise<void> {
  const { repository, knowledgeBases, records, blobs, vectorStore } = options;

  const removeDocument = createDocumentRemoval(options);

  async function removeKnowledgeBase(key: Omit<DocumentKey, 'documentId'>): Promise<void> {
    await knowledgeBases.remove(key.tenantId, key.knowledgeBaseId);
    await vectorStore.removeKnowledgeBase(key);
    for (;;) {
      const page = await repository.list(key.tenantId, key.knowledgeBaseId, { limit: PAGE_SIZE });
      for (const document of page.items) await removeDocument({ ...key, documentId: document.id });
      if (page.items.length === 0) break;
    }
    await blobs.removePrefix('documents', knowledgeBasePrefix(key));
    await blobs.removePrefix('drop', knowledgeBasePrefix(key));
    await records.removeAll(key);
  }

  return async ({ documentId, ...key }) => {
    if (documentId === null) await removeKnowledgeBase(key);
    else await removeDocument({ ...key, documentId });
  };
}
