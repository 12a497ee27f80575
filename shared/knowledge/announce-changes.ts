import { restrictingGrants } from '../identity/principal.ts';
import { createAnnouncements } from './announcements.ts';
import type { DocumentKey } from './document-repository.ts';
import type { KnowledgeBaseRepository } from './knowledge-base-repository.ts';
import type { VectorStore } from './vector-store.ts';

export interface AnnounceOptions {
  readonly vectorStore: VectorStore;
  readonly knowledgeBases: Pick<KnowledgeBaseRepository, 'contentChanged'>;
  /** Removes what else was derived from a document. */
  readonly forgetDocument: (document: DocumentKey) => Promise<void>;
}

/**
 * A vector store that tells the knowledge base of every change of what can be found in it, once the change is in force:
 * an answer that was made before is then not taken for one of today. A change and its announcement are one call, so that
 * whoever repeats the one repeats the other.
 */
export function announceChanges({ vectorStore, knowledgeBases, forgetDocument }: AnnounceOptions): VectorStore {
  const announce = createAnnouncements(({ tenantId, knowledgeBaseId }, grants) =>
    knowledgeBases.contentChanged(tenantId, knowledgeBaseId, grants),
  );
  return {
    ...vectorStore,
    async makeLive(space, document, version) {
      await vectorStore.makeLive(space, document, version);
      await announce(document, []);
    },
    async removeVersion(space, document, version) {
      await vectorStore.removeVersion(space, document, version);
      await announce(document, []);
    },
    async removeDocument(space, document) {
      await vectorStore.removeDocument(space, document);
      await Promise.all([announce(document, []), forgetDocument(document)]);
    },
    async updateDocument(space, document, change) {
      await vectorStore.updateDocument(space, document, change);
      await announce(document, restrictingGrants(change.grants ?? []));
    },
  };
}
