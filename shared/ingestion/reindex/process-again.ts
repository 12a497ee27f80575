import type { ReindexMessage } from '../../contracts/queue-messages.ts';
import { isAppError } from '../../errors.ts';
import type { BlobStore } from '../../knowledge/blob-store.ts';
import { changeDocument } from '../../knowledge/change-document.ts';
import { sourceBlob } from '../../knowledge/document-blobs.ts';
import { issueVersion, queueVersion } from '../../knowledge/document-lifecycle.ts';
import type { DocumentRepository, StoredDocument } from '../../knowledge/document-repository.ts';
import { keyOf } from '../../knowledge/document-source.ts';
import type { IngestionQueues } from '../../knowledge/ingestion-queues.ts';

const DOCUMENTS_PER_MESSAGE = 50;

type FilesStep = Extract<ReindexMessage['step'], { kind: 'files' }>;

export interface ProcessAgainOptions {
  readonly repository: DocumentRepository;
  readonly blobs: BlobStore;
  readonly queues: Pick<IngestionQueues, 'documentChunk' | 'reindex'>;
  readonly now: () => Date;
}

/**
 * Processes the files of a knowledge base again, by the settings of now: each becomes a new version of its document, so the
 * old one answers until the new one is whole. What was touched since the start is left out, so repeating a step is harmless.
 */
export function createProcessAgain(
  options: ProcessAgainOptions,
): (message: ReindexMessage, step: FilesStep) => Promise<void> {
  const { repository, blobs, queues, now } = options;

  async function processAgain(document: StoredDocument): Promise<void> {
    const key = keyOf(document);
    const source = await blobs.info('documents', sourceBlob(key, document.version));
    if (!source) return;
    const issued = (await changeDocument(repository, key, issueVersion))?.value;
    if (!issued || issued.version !== document.version) return;
    const version = issued.versionsIssued;
    const from = { container: 'documents' as const, name: sourceBlob(key, document.version), etag: source.etag };
    await blobs.copy(from, { container: 'documents', name: sourceBlob(key, version) });
    const file = { size: source.size, now: now().toISOString() };
    const queued = await changeDocument(repository, key, (current) => queueVersion(current, version, file));
    if (queued) await queues.documentChunk({ ...key, version });
  }

  return async (message, { after }) => {
    const { tenantId, knowledgeBaseId, startedAt } = message;
    const page = { after, limit: DOCUMENTS_PER_MESSAGE };
    const documents = await repository.unchangedSince(tenantId, knowledgeBaseId, startedAt, page);
    for (const document of documents) {
      if (document.status !== 'ready' && document.status !== 'failed') continue;
      await processAgain(document).catch((error: unknown) => {
        // Its file was replaced or removed at this moment, which is news enough.
        if (!isAppError(error, 'precondition_failed') && !isAppError(error, 'not_found')) throw error;
      });
    }
    const last = documents.at(-1)?.id;
    if (last === undefined || documents.length < DOCUMENTS_PER_MESSAGE) return;
    await queues.reindex({ ...message, step: { kind: 'files', after: last } });
  };
}
