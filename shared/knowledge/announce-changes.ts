import { restrictingGrants } from '../identity/principal.ts';
import type { Announce } from './announcements.ts';
import type { DocumentKey } from './document-repository.ts';
import type { VectorStore } from './vector-store.ts';

export interface AnnounceOptions {
  readonly vectorStore: VectorStore;
  readonly announce: Announce;
  /** Removes what else was derived from a document. */
  readonly forgetDocument: (document: DocumentKey) => Promise<void>;
}

/**
 * A vector store that tells the knowledge base of every change of what can be found in it, once the change is in force:
 * an answer that was made before is then not taken for one of today. A change and its announcement are one call, so that
 * whoever repeats the one repeats the other.
 */
export function announceChanges({ vectorStore, announce, forgetDocument }: AnnounceOptions): VectorStore {
  return {
    ...vectorStore,
    async makeLive(space, document, version, carried) {
      await vectorStore.makeLive(space, document, version, carried);
      await announce(document, { grants: restrictingGrants(carried.grants) });
    },
    async removeVersion(document, version) {
      await vectorStore.removeVersion(document, version);
      await announce(document, {});
    },
    async removeDocument(document) {
      await vectorStore.removeDocument(document);
      await Promise.all([announce(document, {}), forgetDocument(document)]);
    },
    async updateDocument(document, carried) {
      await vectorStore.updateDocument(document, carried);
      await announce(document, { grants: restrictingGrants(carried.grants) });
    },
  };
}
