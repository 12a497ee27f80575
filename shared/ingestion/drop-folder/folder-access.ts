import { Access } from '../../contracts/access.ts';
import { isAppError } from '../../errors.ts';
import type { BlobStore } from '../../knowledge/blob-store.ts';
import { ACCESS_FILE, type DropPlace, dropName, foldersAround } from './drop-place.ts';

const MAX_ACCESS_FILE_BYTES = 64 * 1024;

/** Lets in nobody but who manages the knowledge base: what an access file says that cannot be read. */
export const NOBODY: Access = { visibility: 'restricted', users: [], groups: [], roles: [] };

/** What an access file says; null when there is none. */
export type AccessFile =
  | { readonly access: Access; readonly problem: null }
  | { readonly access: typeof NOBODY; readonly problem: string };

/** Reads the access file of a folder, or null. */
export type ReadAccessFile = (folder: string) => Promise<AccessFile | null>;

/** Reads an access file. One that is not as it should be lets nobody in, whatever was meant by it. */
export function parseAccessFile(content: string): AccessFile {
  try {
    const parsed = Access.safeParse(JSON.parse(content.replace(/^\uFEFF/, '')));
    if (parsed.success) return { access: parsed.data, problem: null };
    const [issue] = parsed.error.issues;
    return unreadable(`${issue?.path.join('.') || 'The file'}: ${issue?.message ?? 'not as it should be'}`);
  } catch {
    return unreadable('It is not JSON');
  }
}

const unreadable = (why: string): AccessFile => ({
  access: NOBODY,
  problem: `${why}. Until it is mended, only managers of the knowledge base can open the files of this folder.`,
});

/** Who may read a file, as the nearest access file says; null without any: as the knowledge base. */
export async function resolveAccess(path: string, read: ReadAccessFile): Promise<Access | null> {
  for (const folder of foldersAround(path)) {
    const found = await read(folder);
    if (found) return found.access;
  }
  return null;
}

/** Reads the access files of a drop folder as they are now. */
export function accessFilesOf(blobs: Pick<BlobStore, 'download'>, { key }: Pick<DropPlace, 'key'>): ReadAccessFile {
  return async (folder) => {
    try {
      const name = dropName(key, `${folder}${ACCESS_FILE}`);
      return parseAccessFile((await blobs.download('drop', name, MAX_ACCESS_FILE_BYTES)).toString());
    } catch (error) {
      if (isAppError(error, 'not_found')) return null;
      if (isAppError(error, 'payload_too_large')) return unreadable('It is larger than 64 kB');
      throw error;
    }
  };
}
