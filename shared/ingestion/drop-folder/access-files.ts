import pLimit from 'p-limit';
import type { AuditLog } from '../../audit/audit-log.ts';
import type { BlobStore } from '../../knowledge/blob-store.ts';
import type { DocumentRepository } from '../../knowledge/document-repository.ts';
import { keyOf } from '../../knowledge/document-source.ts';
import type { IngestionQueues } from '../../knowledge/ingestion-queues.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { type DropPlace, dropName, folderOf } from './drop-place.ts';
import type { DropRecords } from './drop-records.ts';
import { accessFilesOf } from './folder-access.ts';
import type { FollowFolder } from './follow-folder.ts';

const DOCUMENTS_AT_ONCE = 100;
const CONCURRENT_CHANGES = 8;
/** Well within the time of a function; the rest goes to a message. */
const MAX_RUN_MILLISECONDS = 3 * 60_000;

export interface AccessFilesOptions {
  readonly repository: Pick<DocumentRepository, 'inFolder'>;
  readonly blobs: Pick<BlobStore, 'download' | 'info'>;
  readonly records: DropRecords;
  readonly queues: Pick<IngestionQueues, 'dropEvent'>;
  readonly followFolder: FollowFolder;
  readonly audit: AuditLog;
  readonly log: Logger;
  readonly now: () => Date;
}

/**
 * Brings the word of an access file that came, changed or went to the documents of its folder and below.
 * @param after the id of the last document that an earlier part of the same work has reached; empty at the start.
 */
export type SyncAccessFile = (place: DropPlace, after: string) => Promise<void>;

export function createSyncAccessFile(options: AccessFilesOptions): SyncAccessFile {
  const { repository, blobs, records, queues, followFolder, audit, log, now } = options;

  /** @returns the id of the last document that was reached when the time was up; null when all were. */
  async function apply({ key }: DropPlace, folder: string, start: string): Promise<string | null> {
    const until = now().getTime() + MAX_RUN_MILLISECONDS;
    const limit = pLimit(CONCURRENT_CHANGES);
    for (let after = start; ; ) {
      const page = await repository.inFolder(key, folder, { after, limit: DOCUMENTS_AT_ONCE });
      await limit.map(page, (document) => followFolder(keyOf(document)));
      after = page.at(-1)?.id ?? after;
      if (page.length < DOCUMENTS_AT_ONCE) return null;
      if (now().getTime() > until) return after;
    }
  }

  return async (place, start) => {
    const { key, path } = place;
    const folder = folderOf(path);
    // What is read before the documents are changed: a later change of the file brings an event of its own.
    const info = await blobs.info('drop', dropName(key, path));
    const file = info && (await accessFilesOf(blobs, place)(folder));
    const reached = await apply(place, folder, start);
    if (reached !== null) return queues.dropEvent({ blob: dropName(key, path), after: reached });
    // Last, so that reconcile finds what a crash left undone.
    if (info && file) await records.putAccessFile(key, { folder, etag: info.etag, problem: file.problem });
    else await records.removeAccessFile(key, folder);
    if (file?.problem) log.warn('access file is not readable', { ...key });
    await audit.record({
      tenantId: key.tenantId,
      action: 'folder.access-changed',
      outcome: file?.problem ? 'failed' : 'allowed',
      actor: { kind: 'system', id: 'ingestion', name: 'Ingestion' },
      subject: key.knowledgeBaseId,
      details: { visibility: file ? file.access.visibility : 'inherited' },
    });
  };
}
