import type { BlobStore } from '../knowledge/blob-store.ts';
import { versionPrefix } from '../knowledge/document-blobs.ts';
import type { DocumentKey, DocumentRepository } from '../knowledge/document-repository.ts';
import type { VectorStore } from '../knowledge/vector-store.ts';

export interface CleanUpOptions {
  readonly repository: DocumentRepository;
  readonly blobs: BlobStore;
  readonly vectorStore: VectorStore;
}

/** Takes back what a step wrote for a document that was deleted, or below a newer version that is live, meanwhile. */
export async function cleanUpIfPast(options: CleanUpOptions, key: DocumentKey, version: number): Promise<void> {
  const { repository, blobs, vectorStore } = options;
  const current = (await repository.find(key))?.value;
  const isGone = !current || current.status === 'deleting';
  if (!isGone && (current.liveVersion ?? 0) <= version) return;
  if (isGone) await vectorStore.removeDocument(key);
  else await vectorStore.removeVersion(key, version);
  await blobs.removePrefix('documents', versionPrefix(key, version));
}
