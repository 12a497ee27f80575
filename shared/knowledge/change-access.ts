import type { Versioned } from '../versioned.ts';
import { type AlignOptions, alignPassages } from './align-passages.ts';
import { changeDocument } from './change-document.ts';
import type { DocumentKey, StoredDocument } from './document-repository.ts';

/**
 * Applies a change of what a document's chunks carry, its name or access. It is in force for searches when this resolves.
 * @returns what is stored now, or null when the document is gone or the step does not apply.
 */
export async function changeAccess(
  options: AlignOptions,
  key: DocumentKey,
  step: (document: StoredDocument) => StoredDocument | null,
): Promise<Versioned<StoredDocument> | null> {
  const stored = await changeDocument(options.repository, key, step);
  if (stored) await alignPassages(options, key);
  return stored;
}
