import { AppError } from '../errors.ts';
import { grantsOf } from '../identity/principal.ts';
import type { DocumentKey, DocumentRepository, StoredDocument } from './document-repository.ts';
import type { VectorSpace, VectorStore } from './vector-store.ts';

const MAX_ROUNDS = 10;

export interface AlignOptions {
  readonly repository: DocumentRepository;
  readonly vectorStore: VectorStore;
  readonly space: VectorSpace;
}

/** What the chunks of a document carry: its own access list, or everybody whom the knowledge base lets in. */
export function grantsOfDocument({ access }: Pick<StoredDocument, 'access'>): string[] {
  return grantsOf(access ?? { visibility: 'tenant', users: [], groups: [], roles: [] });
}

const carried = (document: StoredDocument) => ({
  grants: grantsOfDocument(document),
  documentName: document.name,
  tags: document.tags ?? [],
  modifiedAt: document.modifiedAt ?? null,
});

/**
 * Gives the chunks of a document the access, name, tags and date of its record. Reads the record again afterwards, so that of two
 * changes at the same time the one that was stored last is what the chunks carry.
 * @throws AppError `conflict` when it goes on changing.
 */
export async function alignPassages(options: AlignOptions, key: DocumentKey): Promise<void> {
  const { repository, vectorStore, space } = options;
  let current = await repository.find(key);
  for (let round = 1; round <= MAX_ROUNDS; round += 1) {
    if (!current) return;
    const written = carried(current.value);
    await vectorStore.updateDocument(space, key, written);
    current = await repository.find(key);
    if (!current || JSON.stringify(carried(current.value)) === JSON.stringify(written)) return;
  }
  throw new AppError('conflict', 'The document is being changed by many at once. Try again.');
}
