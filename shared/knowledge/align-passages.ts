import { AppError } from '../errors.ts';
import { carriedBy } from './carried.ts';
import type { DocumentKey, DocumentRepository, StoredDocument } from './document-repository.ts';
import type { SpaceName, VectorStore } from './vector-store.ts';

const MAX_ROUNDS = 10;

export interface AlignOptions {
  readonly repository: DocumentRepository;
  readonly vectorStore: VectorStore;
}

/**
 * Gives the chunks of a document what its record says of access, name, tags and date, and checks that each of them has it.
 * Writes and announces nothing when they have it already.
 * @returns the revision of the record that they carry; null when there is no such document.
 * @throws AppError `conflict` when it goes on changing.
 */
export function alignPassages(options: AlignOptions, key: DocumentKey): Promise<number | null> {
  const { vectorStore } = options;
  return untilItStays(options, key, async (document) => {
    const carried = carriedBy(document);
    if ((await vectorStore.countUnaligned(key, carried)) === 0) return true;
    await vectorStore.updateDocument(key, carried);
    return (await vectorStore.countUnaligned(key, carried)) === 0;
  });
}

/**
 * Makes a version live with the access and name that its record has now: nobody finds a chunk by an older access, not even
 * for a moment, whoever writes chunks or changes the record meanwhile. Nothing for a document that is gone.
 * @throws AppError `conflict` when it goes on changing.
 */
export async function makeVersionLive(
  options: AlignOptions,
  key: DocumentKey,
  version: number,
  spaces: readonly SpaceName[],
): Promise<void> {
  const { vectorStore } = options;
  await untilItStays(options, key, async (document) => {
    if (document.status === 'deleting') return true;
    for (const space of spaces) await vectorStore.makeLive(space, key, version, carriedBy(document));
    return true;
  });
}

/** Does something by the record until the record is still the same afterwards, so that the change that was stored last counts. */
async function untilItStays(
  { repository }: AlignOptions,
  key: DocumentKey,
  act: (document: StoredDocument) => Promise<boolean>,
): Promise<number | null> {
  let current = await repository.find(key);
  for (let round = 1; round <= MAX_ROUNDS; round += 1) {
    if (!current) return null;
    const { revision } = current.value;
    const isDone = await act(current.value);
    current = await repository.find(key);
    if (isDone && current?.value.revision === revision) return revision;
  }
  throw new AppError('conflict', 'The document is being changed by many at once. Try again.');
}
