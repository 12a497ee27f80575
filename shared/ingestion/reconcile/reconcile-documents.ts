import { recordDocumentLife } from '../../audit/record-document-life.ts';
import { changeDocument } from '../../knowledge/change-document.ts';
import { reindex } from '../../knowledge/document-lifecycle.ts';
import type { StoredDocument } from '../../knowledge/document-repository.ts';
import { keyOf } from '../../knowledge/document-source.ts';
import { dropName } from '../drop-folder/drop-place.ts';
import {
  type ReconcileOptions,
  type ReconcilePage,
  type ReconcileStep,
  STUCK_MILLISECONDS,
  spaceOf,
} from './reconcile-page.ts';

const DOCUMENTS_PER_PAGE = 100;

/** Finds documents whose file is gone, whose message was lost, or whose vectors are not all there. */
export function createDocumentsStep(options: ReconcileOptions): ReconcileStep {
  const { repository, dropped, blobs, queues, vectorStore, audit, now } = options;

  async function removeIfGone(page: ReconcilePage, document: StoredDocument): Promise<void> {
    if (!document.drop?.etag || document.status === 'deleting') return;
    if (await blobs.info('drop', dropName(page.knowledgeBase, document.drop.path))) return;
    if (await dropped.remove(keyOf(document))) page.countMended('removed');
  }

  async function sendAgain(page: ReconcilePage, document: StoredDocument): Promise<void> {
    const key = keyOf(document);
    if (document.status === 'deleting') await queues.documentDelete(key);
    else {
      // Marked first, so that it is sent once an hour and not with every look.
      const marked = await changeDocument(repository, key, (current) =>
        current.updatedAt === document.updatedAt ? { ...current, updatedAt: now().toISOString() } : null,
      );
      if (!marked) return;
      await queues.documentChunk({ ...key, version: document.version });
    }
    page.countMended('sentAgain');
  }

  async function indexAgain(page: ReconcilePage, document: StoredDocument, found: number): Promise<void> {
    const key = keyOf(document);
    const queued = await changeDocument(repository, key, (current) =>
      current.updatedAt === document.updatedAt ? reindex(current, document.version, now().toISOString()) : null,
    );
    if (!queued) return;
    // Those that are right stay and go on being found; of too many nobody knows which those are.
    if (found > (document.chunkCount ?? 0)) await vectorStore.removeDocument(key);
    await queues.documentChunk({ ...key, version: document.version });
    await recordDocumentLife(audit, key, { action: 'document.reindexed', details: { version: document.version } });
    page.countMended('reindexed');
  }

  return async (page, after) => {
    const documents = await repository.byId(page.knowledgeBase, { after, limit: DOCUMENTS_PER_PAGE });
    page.countChecked('documents', documents.length);
    if (page.state.removals === 'allowed') await page.each(documents, (document) => removeIfGone(page, document));
    const before = new Date(now().getTime() - STUCK_MILLISECONDS).toISOString();
    const stuck = documents.filter((document) => isUnderWay(document) && document.updatedAt < before);
    await page.each(stuck, (document) => sendAgain(page, document));

    const space = await spaceOf(options, page.knowledgeBase);
    if (!space) return null;
    const ready = documents.filter(({ status }) => status === 'ready');
    const counts = await vectorStore.countLive(
      space,
      page.knowledgeBase,
      ready.map(({ id }) => id),
    );
    const wrong = ready.filter(({ id, chunkCount }) => (counts.get(id) ?? 0) !== chunkCount);
    await page.each(wrong, (document) => indexAgain(page, document, counts.get(document.id) ?? 0));
    return documents.length < DOCUMENTS_PER_PAGE ? null : (documents.at(-1)?.id ?? null);
  };
}

const isUnderWay = ({ status }: StoredDocument) =>
  status === 'queued' || status === 'embedding' || status === 'deleting';
