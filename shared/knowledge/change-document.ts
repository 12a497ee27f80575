import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, isAppError } from '../errors.ts';
import type { Versioned } from '../versioned.ts';
import type { DocumentKey, DocumentRepository, StoredDocument } from './document-repository.ts';

const MAX_ATTEMPTS = 12;
const JITTER_MILLISECONDS = 40;

/**
 * Applies a step to the newest state of a document, again whenever another writer was faster.
 * @returns what is stored now, or null when the document is gone or the step no longer applies.
 * @throws AppError `conflict` when others keep winning.
 */
export async function changeDocument(
  repository: DocumentRepository,
  key: DocumentKey,
  step: (document: StoredDocument) => StoredDocument | null,
): Promise<Versioned<StoredDocument> | null> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const current = await repository.find(key);
    const next = current && step(current.value);
    if (!current || !next) return null;
    try {
      return await repository.replace(next, current.etag);
    } catch (error) {
      if (!isAppError(error, 'precondition_failed')) throw error;
      await sleep(Math.random() * JITTER_MILLISECONDS * attempt);
    }
  }
  throw new AppError('conflict', 'The document is being changed by many at once. Try again.');
}
