import pLimit from 'p-limit';
import type { RetriedDocuments } from '../../contracts/drop-folder.ts';
import { changeDocument } from '../../knowledge/change-document.ts';
import type { KnowledgeBaseKey, StoredDocument } from '../../knowledge/document-repository.ts';
import { keyOf } from '../../knowledge/document-source.ts';
import { type RetryOptions, retryDocument } from '../../knowledge/retry-document.ts';
import { dropName } from './drop-place.ts';
import type { DroppedFiles } from './dropped-files.ts';

const DOCUMENTS_AT_ONCE = 100;
const CONCURRENT_RETRIES = 8;
/** The file was refused before it was stored, so that it has to be taken from the drop folder again. */
const REFUSALS = ['quota-used-up', 'too-large'];

export interface RetryFailedOptions extends RetryOptions {
  readonly dropped: Pick<DroppedFiles, 'sync'>;
}

/** Processes every document again that has failed, as far as time allows. */
export async function retryFailed(
  options: RetryFailedOptions,
  knowledgeBase: KnowledgeBaseKey,
  isTimeUp: () => boolean,
): Promise<RetriedDocuments> {
  const { repository, dropped } = options;
  const { tenantId, knowledgeBaseId } = knowledgeBase;

  async function takeAgain(document: StoredDocument): Promise<void> {
    const changed = await changeDocument(repository, keyOf(document), (current) =>
      current.status === 'failed' && current.drop
        ? { ...current, status: 'awaiting-upload', error: null, drop: { ...current.drop, etag: '' } }
        : null,
    );
    if (changed && document.drop) await dropped.sync(dropName(knowledgeBase, document.drop.path));
  }

  async function retry(document: StoredDocument): Promise<void> {
    if (document.drop && REFUSALS.includes(document.error?.code ?? '')) await takeAgain(document);
    else await retryDocument(options, keyOf(document));
  }

  const limit = pLimit(CONCURRENT_RETRIES);
  let retried = 0;
  let continuation: string | null | undefined;
  while (continuation !== null && !isTimeUp()) {
    const page = await repository.list(tenantId, knowledgeBaseId, {
      limit: DOCUMENTS_AT_ONCE,
      status: 'failed',
      ...(continuation && { continuation }),
    });
    await limit.map(page.items, retry);
    retried += page.items.length;
    continuation = page.continuation;
  }
  return { retried, left: continuation === null ? 0 : await repository.countOf(knowledgeBase, 'failed') };
}
