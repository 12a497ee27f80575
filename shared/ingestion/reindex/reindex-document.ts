import type { ReindexMessage } from '../../contracts/queue-messages.ts';
import { AppError } from '../../errors.ts';
import { alignPassages, makeVersionLive } from '../../knowledge/align-passages.ts';
import { changeDocument } from '../../knowledge/change-document.ts';
import { batchBlob } from '../../knowledge/document-blobs.ts';
import { isLiveIn, recordLiveIn } from '../../knowledge/document-lifecycle.ts';
import type { DocumentKey, StoredDocument } from '../../knowledge/document-repository.ts';
import type { IngestionQueues } from '../../knowledge/ingestion-queues.ts';
import type { KnowledgeBaseRepository } from '../../knowledge/knowledge-base-repository.ts';
import type { BatchEmbeddingModel } from '../../models/embedding-model.ts';
import type { EmbeddingModels } from '../../models/embedding-models.ts';
import { cleanUpIfPast } from '../clean-up.ts';
import type { IndexBatch, IndexBatchOptions } from '../index-batch.ts';

/** So many batches of a document for one message; then it is sent on, so that none works for long. */
const BATCHES_PER_MESSAGE = 8;

type DocumentStep = Extract<ReindexMessage['step'], { kind: 'document' }>;

export interface ReindexDocumentOptions extends IndexBatchOptions {
  readonly knowledgeBases: KnowledgeBaseRepository;
  readonly queues: Pick<IngestionQueues, 'reindex'>;
  readonly embeddings: EmbeddingModels<BatchEmbeddingModel>;
}

/**
 * Puts the live version of a document into the space that its knowledge base moves to, or has moved to: its stored batches,
 * one after another. Ids and texts of the chunks stay what they are, so citations do as well. Does nothing for a document
 * that is there already or is gone.
 */
export function createReindexDocument(
  options: ReindexDocumentOptions,
  indexBatch: IndexBatch,
): (message: ReindexMessage, step: DocumentStep) => Promise<void> {
  const { repository, knowledgeBases, blobs, vectorStore, queues, embeddings } = options;

  return async (message, step) => {
    const { tenantId, knowledgeBaseId } = message;
    const key = { tenantId, knowledgeBaseId, documentId: step.documentId };
    const [knowledgeBase, found] = await Promise.all([
      knowledgeBases.find(tenantId, knowledgeBaseId),
      repository.find(key),
    ]);
    if (!knowledgeBase || !found || found.value.status === 'deleting') return cleanUpIfPast(options, key, step.version);
    const { reindex, embeddingModel } = knowledgeBase.value;
    const model = embeddings.named(reindex?.model ?? embeddingModel);
    const version = found.value.liveVersion;
    if (version === null || isLiveIn(found.value, model.name)) return;
    const from = version === step.version ? step.batch : 0;
    const next = await indexSome(message, { document: found.value, version, from, model });
    if (next === 'put-off') return;
    if (next !== 'end') return queues.reindex({ ...message, step: { ...step, version, batch: next } });
    await goLiveIn(model, key, version);
  };

  /** @returns the next batch, if there is one. */
  async function indexSome(
    message: ReindexMessage,
    work: { document: StoredDocument; version: number; from: number; model: BatchEmbeddingModel },
  ): Promise<number | 'end' | 'put-off'> {
    const { document, version, from, model: embeddingModel } = work;
    const key = { ...message, documentId: document.id };
    for (let batch = from; batch < from + BATCHES_PER_MESSAGE; batch += 1) {
      if (!(await blobs.info('documents', batchBlob(key, version, batch)))) return 'end';
      const step = { kind: 'document', documentId: document.id, version, batch } as const;
      const putOff = (delaySeconds: number) => queues.reindex({ ...message, step }, delaySeconds);
      if (!(await indexBatch({ document, version, batch, embeddingModel, putOff }))) return 'put-off';
    }
    return from + BATCHES_PER_MESSAGE;
  }

  async function goLiveIn({ name: model }: BatchEmbeddingModel, key: DocumentKey, version: number): Promise<void> {
    const current = (await repository.find(key))?.value;
    if (current?.liveVersion !== version) return cleanUpIfPast(options, key, version);
    const chunks = await vectorStore.countVersion({ model }, key, version);
    if (chunks === 0) throw new AppError('internal', 'The chunks of this document are not stored: upload it again.');
    await makeVersionLive(options, key, version, [{ model }]);
    const recorded = await changeDocument(repository, key, (document) => recordLiveIn(document, version, model));
    if (!recorded) return cleanUpIfPast(options, key, version);
    await alignPassages(options, key);
  }
}
