import type { ChunkEmbedMessage } from '../contracts/queue-messages.ts';
import { isBatchDone } from '../knowledge/batches.ts';
import { changeDocument } from '../knowledge/change-document.ts';
import { allBatchesDone, finishBatch, isBatchOf, isCurrent } from '../knowledge/document-lifecycle.ts';
import type { StoredDocument } from '../knowledge/document-repository.ts';
import { keyOf } from '../knowledge/document-source.ts';
import type { KnowledgeBaseRepository } from '../knowledge/knowledge-base-repository.ts';
import { modelsOf } from '../knowledge/knowledge-base-spaces.ts';
import type { BatchEmbeddingModel } from '../models/embedding-model.ts';
import type { EmbeddingModels } from '../models/embedding-models.ts';
import { withSpan } from '../telemetry/span.ts';
import { cleanUpIfPast } from './clean-up.ts';
import { createGoLive, type GoLiveOptions } from './go-live.ts';
import { createBatchIndexer, type IndexBatchOptions } from './index-batch.ts';

export interface EmbedStepOptions extends IndexBatchOptions, GoLiveOptions {
  readonly vectorStore: IndexBatchOptions['vectorStore'];
  readonly knowledgeBases: KnowledgeBaseRepository;
  readonly embeddings: EmbeddingModels<BatchEmbeddingModel>;
}

/** Embeds one batch of a version; the last batch to be done makes the whole version live. */
export function createEmbedStep(options: EmbedStepOptions): (message: ChunkEmbedMessage) => Promise<void> {
  const { repository, knowledgeBases, queues, embeddings, now } = options;
  const indexBatch = createBatchIndexer(options);
  const { goLive, sweep } = createGoLive(options);

  /**
   * Puts a batch into the space of its knowledge base, and into the one that this moves to: what is uploaded during a move
   * has moved already.
   * @returns false when it is not to be counted as done.
   */
  async function store(document: StoredDocument, version: number, batch: number): Promise<boolean> {
    const key = keyOf(document);
    const knowledgeBase = await knowledgeBases.find(key.tenantId, key.knowledgeBaseId);
    if (!knowledgeBase) return false;
    const putOff = (delaySeconds: number) => queues.chunkEmbed([{ ...key, version, batch }], delaySeconds);
    for (const model of modelsOf(knowledgeBase.value)) {
      const embeddingModel = embeddings.named(model);
      if (!(await indexBatch({ document, version, batch, embeddingModel, putOff }))) return false;
    }
    return true;
  }

  return async ({ version, batch, ...key }) => {
    const found = await repository.find(key);
    if (!isCurrent(found?.value, version)) return cleanUpIfPast(options, key, version);
    // Delivered again: a crash may have come between the switch and the sweep.
    if (found.value.status === 'ready') return sweep(found.value, version);
    if (!isBatchOf(found.value, batch)) return;

    const { batches } = found.value;
    const isDone = batches !== null && isBatchDone(batches, batch);
    if (!isDone && !(await store(found.value, version, batch))) return;
    const finished = await changeDocument(repository, key, (document) =>
      finishBatch(document, version, batch, now().toISOString()),
    );
    if (!finished) return cleanUpIfPast(options, key, version);
    if (allBatchesDone(finished.value)) await withSpan('go live', {}, () => goLive(finished, version));
  };
}
