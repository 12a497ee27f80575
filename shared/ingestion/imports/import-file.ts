import type { ImportItem, ImportProblem } from '../../contracts/imports.ts';
import { isAppError } from '../../errors.ts';
import { policyOf, type TenantDirectory } from '../../identity/directory.ts';
import type { BlobStore } from '../../knowledge/blob-store.ts';
import { carriedBy } from '../../knowledge/carried.ts';
import { changeDocument } from '../../knowledge/change-document.ts';
import type { DocumentChanges } from '../../knowledge/document-changes.ts';
import type { DocumentRepository, KnowledgeBaseKey, StoredDocument } from '../../knowledge/document-repository.ts';
import { keyOf } from '../../knowledge/document-source.ts';
import { lackOfRoom } from '../../knowledge/quotas.ts';
import { screenName } from '../../knowledge/screen-name.ts';
import { type DropPlace, dropName, placeOf } from '../drop-folder/drop-place.ts';
import type { DroppedFiles } from '../drop-folder/dropped-files.ts';
import { folderAccessOf } from '../drop-folder/follow-folder.ts';
import { newDroppedDocument } from '../drop-folder/take-dropped.ts';

export interface ImportFileOptions {
  readonly repository: DocumentRepository;
  readonly changes: Pick<DocumentChanges, 'change'>;
  readonly dropped: Pick<DroppedFiles, 'sync'>;
  readonly blobs: BlobStore;
  readonly tenants: TenantDirectory;
  readonly now: () => Date;
}

/**
 * Says of one file what its import says, and takes it if it lies in the drop folder; else its document waits for it.
 * @returns why there is no document; null when there is one.
 */
export async function importFile(
  options: ImportFileOptions,
  knowledgeBase: KnowledgeBaseKey,
  item: ImportItem,
  importId: string,
): Promise<ImportProblem | null> {
  const place = placeOf(knowledgeBase, item.path);
  if (place.kind !== 'file') return problem(item, 'not-a-file', 'Access files and manifests are no documents.');
  const apply = (document: StoredDocument): StoredDocument => ({
    ...document,
    importId,
    ...(item.name !== undefined && { name: item.name }),
    ...(item.tags !== undefined && { tags: item.tags }),
    ...(item.access !== undefined && { access: item.access, accessSource: 'own' }),
  });
  const found = (await options.repository.find(place.key))?.value;
  const outcome = found ? await rename(options, found, item, apply) : await createWaiting(options, place, item, apply);
  if (outcome === 'gone') return problem(item, 'being-deleted', BEING_DELETED);
  if (outcome !== 'done') return outcome;
  await options.dropped.sync(dropName(knowledgeBase, item.path));
  return null;
}

type Apply = (document: StoredDocument) => StoredDocument;

const BEING_DELETED = 'The document of this file is being deleted. Import it again in a minute.';

/** One that was screened by its name before is screened by its new one; others will be when they come through. */
async function rename(
  options: ImportFileOptions,
  found: StoredDocument,
  item: ImportItem,
  apply: Apply,
): Promise<'done' | 'gone' | ImportProblem> {
  try {
    const noted = await screenName(await policyOf(options.tenants, found.tenantId), found, item.name);
    return await applyTo(options, found, (document) => ({ ...apply(document), ...noted(document) }));
  } catch (error) {
    if (!isAppError(error, 'unprocessable')) throw error;
    return problem(item, 'name-refused', error.message);
  }
}

/** Changes what its chunks carry only if that is another, because all of them would have to follow. */
async function applyTo(
  { repository, changes }: ImportFileOptions,
  found: StoredDocument,
  apply: Apply,
): Promise<'done' | 'gone'> {
  const next = apply(found);
  const isOther = JSON.stringify(carriedBy(next)) !== JSON.stringify(carriedBy(found));
  const unlessDeleting = (document: StoredDocument) => (document.status === 'deleting' ? null : apply(document));
  const stored = isOther
    ? await changes.change(keyOf(found), unlessDeleting)
    : await changeDocument(repository, keyOf(found), unlessDeleting);
  return stored ? 'done' : 'gone';
}

/** Makes a record that waits for its file, if there is room for another document. */
async function createWaiting(
  options: ImportFileOptions,
  place: DropPlace,
  item: ImportItem,
  apply: Apply,
): Promise<'done' | 'gone' | ImportProblem> {
  const { repository, blobs, tenants, now } = options;
  const policy = await policyOf(tenants, place.key.tenantId);
  const full = await lackOfRoom(repository, policy, place.key);
  if (full) return problem(item, full.code, full.reason);
  const access = await folderAccessOf(blobs, place.key, place.path);
  try {
    await repository.create(apply(newDroppedDocument(place, { etag: '', access, now: now().toISOString() })));
    return 'done';
  } catch (error) {
    if (!isAppError(error, 'conflict')) throw error;
  }
  // The file came at the same moment.
  const found = (await repository.find(place.key))?.value;
  return found ? applyTo(options, found, apply) : 'gone';
}

const problem = ({ path }: ImportItem, code: string, reason: string): ImportProblem => ({
  path,
  line: null,
  code,
  reason,
});
