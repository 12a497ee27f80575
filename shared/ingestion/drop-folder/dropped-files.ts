import type { BlobStore } from '../../knowledge/blob-store.ts';
import type { KnowledgeBaseRepository } from '../../knowledge/knowledge-base-repository.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { createSyncManifest, type SyncManifestOptions } from '../imports/sync-manifest.ts';
import { type AccessFilesOptions, createSyncAccessFile } from './access-files.ts';
import { locateDrop } from './drop-place.ts';
import { createRemoveDropped, type RemoveDropped, type RemoveDroppedOptions } from './remove-dropped.ts';
import { createTakeDropped, type TakeDroppedOptions } from './take-dropped.ts';

/** The drop folder, mirrored: what lies there is a document, and what is gone from there is none any more. */
export interface DroppedFiles {
  /**
   * Makes what is known of a blob the same as what lies there now: new, changed or gone. It looks for itself, so that an
   * event may come twice, late, or be forged.
   * @param name the blob's name, `{tenant}/{knowledge base}/{path}`; one that is not shaped so is left alone.
   * @param after where an earlier part of the work has stopped; left out, at the start.
   */
  sync(name: string, after?: string): Promise<void>;
  readonly remove: RemoveDropped;
}

export type DroppedFilesOptions = TakeDroppedOptions &
  RemoveDroppedOptions &
  AccessFilesOptions &
  SyncManifestOptions & {
    readonly knowledgeBases: Pick<KnowledgeBaseRepository, 'find'>;
    readonly blobs: BlobStore;
    readonly log: Logger;
  };

export function createDroppedFiles(options: DroppedFilesOptions): DroppedFiles {
  const { knowledgeBases, blobs, log } = options;
  const take = createTakeDropped(options);
  const remove = createRemoveDropped(options);
  const syncManifest = createSyncManifest(options);
  const syncAccessFile = createSyncAccessFile(options);
  return {
    remove,
    async sync(name, after = '') {
      const place = locateDrop(name);
      if (!place || !(await knowledgeBases.find(place.key.tenantId, place.key.knowledgeBaseId))) {
        log.warn('dropped file ignored: no such place or knowledge base', { ...place?.key });
        return;
      }
      if (place.kind === 'access-file') return syncAccessFile(place, after);
      const blob = await blobs.info('drop', name);
      if (place.kind === 'manifest') return blob ? syncManifest(place, blob) : undefined;
      if (blob) await take(place, blob);
      else await remove(place.key);
    },
  };
}
