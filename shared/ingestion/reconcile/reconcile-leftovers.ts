import { DocumentId } from '../../contracts/identifiers.ts';
import { knowledgeBasePrefix } from '../../knowledge/document-blobs.ts';
import { findByIds, type ReconcileOptions, type ReconcileStep, spaceOf } from './reconcile-page.ts';

const CHUNKS_PER_PAGE = 1_000;
const FOLDERS_PER_PAGE = 200;
const BLOBS_LOOKED_AT = 100;
/** Something may still be about to happen to files that are younger. */
const GRACE_MILLISECONDS = 24 * 60 * 60_000;

/** Finds vectors of documents that are no more. A record is there before the first vector, so none is removed too early. */
export function createVectorsStep(options: ReconcileOptions): ReconcileStep {
  const { repository, vectorStore } = options;
  return async (page, after) => {
    const { knowledgeBase } = page;
    const space = await spaceOf(options, knowledgeBase);
    if (!space) return null;
    const { documentIds, next } = await vectorStore.documentsIn(space, knowledgeBase, {
      after,
      limit: CHUNKS_PER_PAGE,
    });
    page.countChecked('indexedDocuments', documentIds.length);
    const known = await findByIds(repository, knowledgeBase, documentIds);
    await page.each(
      documentIds.filter((id) => !known.has(id)),
      async (documentId) => {
        await vectorStore.removeDocument({ ...knowledgeBase, documentId });
        page.countMended('vectorsRemoved');
      },
    );
    return next;
  };
}

/** Finds files of documents that are no more. */
export function createStoredFilesStep({ repository, blobs, now }: ReconcileOptions): ReconcileStep {
  async function isOld(folder: string): Promise<boolean> {
    const { items } = await blobs.list('documents', folder, { limit: BLOBS_LOOKED_AT });
    const before = now().getTime() - GRACE_MILLISECONDS;
    return items.every(({ modifiedAt }) => modifiedAt.getTime() < before);
  }

  return async (page, after) => {
    const { knowledgeBase } = page;
    const prefix = knowledgeBasePrefix(knowledgeBase);
    const { items, continuation } = await blobs.listFolders('documents', prefix, {
      limit: FOLDERS_PER_PAGE,
      continuation: after || undefined,
    });
    const ids = items.map((name) => name.slice(prefix.length, -1)).filter((id) => DocumentId.safeParse(id).success);
    page.countChecked('storedDocuments', ids.length);
    const known = await findByIds(repository, knowledgeBase, ids);
    await page.each(
      ids.filter((id) => !known.has(id)),
      async (id) => {
        const folder = `${prefix}${id}/`;
        if (await isOld(folder)) page.countMended('filesRemoved', await blobs.removePrefix('documents', folder));
      },
    );
    return continuation ?? null;
  };
}
