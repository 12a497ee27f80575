import { changeDocument } from './change-document.ts';
import { requeue } from './document-lifecycle.ts';
import type { DocumentKey, DocumentRepository, StoredDocument } from './document-repository.ts';
import type { IngestionQueues } from './ingestion-queues.ts';
import type { VectorStore } from './vector-store.ts';

export interface RetryOptions {
  readonly repository: DocumentRepository;
  readonly queues: Pick<IngestionQueues, 'documentChunk'>;
  readonly vectorStore: Pick<VectorStore, 'removeVersion'>;
  readonly now: () => Date;
}

/** Has the current version of a document processed again. @returns null when there is nothing to retry. */
export async function retryDocument(options: RetryOptions, key: DocumentKey): Promise<StoredDocument | null> {
  const { repository, queues, vectorStore, now } = options;
  const changed = await changeDocument(repository, key, (document) => requeue(document, now().toISOString()));
  if (!changed) return null;
  // It may be cut into fewer chunks this time.
  await vectorStore.removeVersion(key, changed.value.version);
  await queues.documentChunk({ ...key, version: changed.value.version });
  return changed.value;
}
