import type { Access } from '../../contracts/access.ts';
import { AppError } from '../../errors.ts';
import { accessSourceOf, withFolderAccess } from '../../knowledge/access-source.ts';
import type { BlobStore } from '../../knowledge/blob-store.ts';
import type { DocumentChanges } from '../../knowledge/document-changes.ts';
import type { DocumentKey, DocumentRepository, StoredDocument } from '../../knowledge/document-repository.ts';
import { keyOf } from '../../knowledge/document-source.ts';
import { placeOf } from './drop-place.ts';
import { accessFilesOf, resolveAccess } from './folder-access.ts';

const MAX_ROUNDS = 10;

export interface FollowFolderOptions {
  readonly repository: Pick<DocumentRepository, 'find'>;
  readonly changes: Pick<DocumentChanges, 'change'>;
  readonly blobs: Pick<BlobStore, 'download'>;
}

/** Gives a dropped document the access that its folder says now, if it follows its folder. In force when it resolves. */
export type FollowFolder = (key: DocumentKey) => Promise<void>;

/** Who may read a dropped document by the access files as they are now. */
export function folderAccessOf(blobs: FollowFolderOptions['blobs'], key: DocumentKey, path: string) {
  return resolveAccess(path, accessFilesOf(blobs, placeOf(key, path)));
}

const follows = (document: StoredDocument | undefined) =>
  document !== undefined && document.drop !== null && accessSourceOf(document) === 'folder';

const isSame = (one: Access | null, other: Access | null) => JSON.stringify(one) === JSON.stringify(other);

/**
 * Reads the access files again after each change, so that whoever wrote last has seen them as they are: of two at the
 * same time, or of one that was read before an access file came, the newer wins.
 */
export function createFollowFolder(options: FollowFolderOptions): FollowFolder {
  const { repository, changes, blobs } = options;
  return async (key) => {
    for (let round = 1; round <= MAX_ROUNDS; round += 1) {
      const document = (await repository.find(key))?.value;
      if (!document?.drop || !follows(document)) return;
      const access = await folderAccessOf(blobs, keyOf(document), document.drop.path);
      if (isSame(access, document.access)) return;
      await changes.change(key, (current) => (follows(current) ? withFolderAccess(current, access) : null));
    }
    throw new AppError('conflict', 'The access of this folder is being changed by many at once. Try again.');
  };
}
