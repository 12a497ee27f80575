import type { ListedBlob } from '../../knowledge/blob-store.ts';
import { knowledgeBasePrefix } from '../../knowledge/document-blobs.ts';
import type { StoredDocument } from '../../knowledge/document-repository.ts';
import { ACCESS_FILE, type DropPlace, dropName, folderOf, locateDrop } from '../drop-folder/drop-place.ts';
import { manifestImportId } from '../imports/sync-manifest.ts';
import {
  findByIds,
  type ReconcileOptions,
  type ReconcilePage,
  type ReconcileStep,
  STUCK_MILLISECONDS,
} from './reconcile-page.ts';

const FILES_PER_PAGE = 500;

interface Found {
  readonly blob: ListedBlob;
  readonly place: DropPlace;
}

/** Finds files of the drop folder, and access files, of which no event was heard. */
export function createFilesStep(options: ReconcileOptions): ReconcileStep {
  const { repository, records, dropped, blobs, now } = options;

  async function mendFiles(page: ReconcilePage, files: readonly Found[]): Promise<void> {
    const ids = files.map(({ place }) => place.key.documentId);
    const documents = await findByIds(repository, page.knowledgeBase, ids);
    await page.each(files, async ({ blob, place }) => {
      const document = documents.get(place.key.documentId);
      // Its own deletion is on its way, and what lies there is taken when that is done.
      if (document?.status === 'deleting') return;
      if (!isTaken(document, blob.etag)) {
        await dropped.sync(blob.name);
        page.countMended(document?.drop?.etag ? 'changed' : 'taken');
      }
      page.countMatched(1);
    });
  }

  async function mendManifests(page: ReconcilePage, files: readonly Found[]): Promise<void> {
    await page.each(files, async ({ blob, place }) => {
      const known = await records.findImport(page.knowledgeBase, manifestImportId(place, blob.etag));
      const isUnderWay = known && Date.parse(known.value.createdAt) > now().getTime() - STUCK_MILLISECONDS;
      if (known?.value.readAt || isUnderWay) return;
      await dropped.sync(blob.name);
      page.countMended('manifests');
    });
  }

  async function mendAccessFiles(page: ReconcilePage, files: readonly Found[], isLastPage: boolean): Promise<void> {
    if (files.length === 0 && !isLastPage) return;
    const known = await records.accessFiles(page.knowledgeBase);
    const etags = new Map(known.map(({ folder, etag }) => [folder, etag]));
    const mend = async (name: string) => {
      await dropped.sync(name);
      page.countMended('accessFiles');
    };
    const changed = files.filter(({ blob, place }) => etags.get(folderOf(place.path)) !== blob.etag);
    await page.each(changed, ({ blob }) => mend(blob.name));
    if (!isLastPage) return;
    await page.each(known, async ({ folder }) => {
      const name = dropName(page.knowledgeBase, `${folder}${ACCESS_FILE}`);
      if (!(await blobs.info('drop', name))) await mend(name);
    });
  }

  return async (page, after) => {
    const { items, continuation } = await blobs.list('drop', knowledgeBasePrefix(page.knowledgeBase), {
      limit: FILES_PER_PAGE,
      continuation: after || undefined,
    });
    const found = items.flatMap((blob) => {
      const place = locateDrop(blob.name);
      return place ? [{ blob, place }] : [];
    });
    const ofKind = (kind: DropPlace['kind']) => found.filter(({ place }) => place.kind === kind);
    page.countChecked('files', items.length);
    await mendFiles(page, ofKind('file'));
    await mendManifests(page, ofKind('manifest'));
    await mendAccessFiles(page, ofKind('access-file'), continuation === undefined);
    return continuation ?? null;
  };
}

/** Whether the content that lies there is, or will be, a version of the document. */
function isTaken(document: StoredDocument | undefined, etag: string): boolean {
  if (document?.drop?.etag !== etag) return false;
  return document.status !== 'awaiting-upload' && document.version >= document.drop.version;
}
