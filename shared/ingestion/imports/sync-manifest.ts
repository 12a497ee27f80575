import { isAppError } from '../../errors.ts';
import { derivedId } from '../../identifiers.ts';
import type { BlobInfo, BlobStore } from '../../knowledge/blob-store.ts';
import { type DropPlace, dropName, folderOf } from '../drop-folder/drop-place.ts';
import type { DropRecords } from '../drop-folder/drop-records.ts';
import { type BeginImportOptions, beginImport } from './begin-import.ts';
import { type Manifest, parseManifest } from './parse-manifest.ts';

const MAX_MANIFEST_BYTES = 8 * 1024 * 1024;

export interface SyncManifestOptions extends BeginImportOptions {
  readonly records: DropRecords;
  readonly blobs: BlobStore;
}

/** The import that a content of a manifest is: the same one however often its event comes. */
export const manifestImportId = ({ key, path }: DropPlace, etag: string) =>
  derivedId('imp', key.tenantId, key.knowledgeBaseId, path, etag);

/** Begins the import that a dropped manifest asks for. One that is gone or changed later takes nothing back. */
export function createSyncManifest(options: SyncManifestOptions): (place: DropPlace, blob: BlobInfo) => Promise<void> {
  const { records, blobs, queues } = options;

  async function read({ key, path }: DropPlace): Promise<Manifest> {
    try {
      const content = await blobs.download('drop', dropName(key, path), MAX_MANIFEST_BYTES);
      return parseManifest(content.toString(), folderOf(path));
    } catch (error) {
      if (!isAppError(error, 'payload_too_large')) throw error;
      const reason = 'A manifest may have 8 MB. Split it and drop the parts.';
      return { items: [], problems: [{ path: null, line: null, code: 'too-large', reason }] };
    }
  }

  return async (place, { etag }) => {
    const { tenantId, knowledgeBaseId } = place.key;
    const knowledgeBase = { tenantId, knowledgeBaseId };
    const id = manifestImportId(place, etag);
    const known = await records.findImport(knowledgeBase, id);
    if (known?.value.readAt) return;
    if (known) return queues.documentImport({ ...knowledgeBase, importId: id });
    const facts = { id, source: 'manifest' as const, manifest: place.path, createdBy: null };
    await beginImport(options, knowledgeBase, { ...facts, ...(await read(place)) });
  };
}
