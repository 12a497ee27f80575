import type { Versioned } from '../versioned.ts';
import { whileOvertaken } from '../while-overtaken.ts';
import type { DocumentKey, DocumentRepository, StoredDocument } from './document-repository.ts';

export const DOCUMENT_CONTENTION = {
  attempts: 12,
  jitter: 40,
  message: 'The document is being changed by many at once. Try again.',
};

/**
 * Applies a step to the newest state of a document, again whenever another writer was faster.
 * @param justRead what was read just now: tried first, which saves a read unless somebody was faster.
 * @returns what is stored now, or null when the document is gone or the step no longer applies.
 * @throws AppError `conflict` when others keep winning.
 */
export async function changeDocument(
  repository: DocumentRepository,
  key: DocumentKey,
  step: (document: StoredDocument) => StoredDocument | null,
  justRead: Versioned<StoredDocument> | null = null,
): Promise<Versioned<StoredDocument> | null> {
  const changeOf = (current: Versioned<StoredDocument> | null) => {
    const next = current && step(current.value);
    return next ? { next, etag: current.etag } : null;
  };
  let known = justRead;
  return whileOvertaken(
    {
      async read() {
        const change = changeOf(known);
        known = null;
        // That a step does not apply is for the newest state to say.
        return change ?? changeOf(await repository.find(key));
      },
      write: async (change) => change && repository.replace(change.next, change.etag),
    },
    DOCUMENT_CONTENTION,
  );
}
