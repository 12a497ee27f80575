import { recordDocumentLife } from '../audit/record-document-life.ts';
import type { ChunkEmbedMessage } from '../contracts/queue-messages.ts';
import { alignPassages, makeVersionLive } from '../knowledge/align-passages.ts';
import { changeDocument } from '../knowledge/change-document.ts';
import { versionPrefix } from '../knowledge/document-blobs.ts';
import { allBatchesDone, finishBatch, isBatchOf, isCurrent, recordLive } from '../knowledge/document-lifecycle.ts';
import type { DocumentKey } from '../knowledge/document-repository.ts';
import type { IngestionQueues } from '../knowledge/ingestion-queues.ts';
import type { VectorSpace } from '../knowledge/vector-store.ts';
import type { EmbeddingModel } from '../models/embedding-model.ts';
import { metrics } from '../telemetry/metrics.ts';
import { withSpan } from '../telemetry/span.ts';
import { tenantLabel } from '../telemetry/tenant-label.ts';
import { cleanUpIfPast } from './clean-up.ts';
import { createBatchIndexer, type IndexBatchOptions } from './index-batch.ts';

/** Old versions whose files are looked for; those before were swept when their successors went live. */
const SWEPT_VERSIONS = 20;

export interface EmbedStepOptions extends IndexBatchOptions {
  readonly queues: IngestionQueues;
  readonly embeddingModel: EmbeddingModel;
  readonly space: VectorSpace;
}

/** Embeds one batch of a version; the last batch to be done makes the whole version live. */
export function createEmbedStep(options: EmbedStepOptions): (message: ChunkEmbedMessage) => Promise<void> {
  const { repository, blobs, queues, embeddingModel, audit, now } = options;
  const indexBatch = createBatchIndexer(options);

  async function goLive(key: DocumentKey, version: number): Promise<void> {
    await makeVersionLive(options, key, version);
    const live = await changeDocument(repository, key, (document) =>
      recordLive(document, version, now().toISOString()),
    );
    if (live) {
      metrics.documents.add(1, { outcome: 'ready', tenant: tenantLabel(key.tenantId) });
      await recordDocumentLife(audit, key, { action: 'document.ready', details: { version } });
    }
    await (live ? sweep(key, version) : cleanUpIfPast(options, key, version));
  }

  /** What follows once a version is live. */
  async function sweep(key: DocumentKey, version: number): Promise<void> {
    // Writes nothing, and so announces nothing, unless something went wrong.
    await alignPassages(options, key);
    for (let old = version - 1; old >= Math.max(1, version - SWEPT_VERSIONS); old -= 1) {
      await blobs.removePrefix('documents', versionPrefix(key, old));
    }
  }

  return async ({ version, batch, ...key }) => {
    const found = await repository.find(key);
    if (!isCurrent(found?.value, version)) return cleanUpIfPast(options, key, version);
    // Delivered again: a crash may have come between the switch and the sweep.
    if (found.value.status === 'ready') return sweep(key, version);
    if (!isBatchOf(found.value, batch)) return;

    const isDone = found.value.batches?.done.includes(batch) ?? false;
    const work = { document: found.value, version, batch, embeddingModel };
    const putOff = (delaySeconds: number) => queues.chunkEmbed([{ ...key, version, batch }], delaySeconds);
    if (!isDone && !(await indexBatch({ ...work, putOff }))) return;
    const finished = await changeDocument(repository, key, (document) =>
      finishBatch(document, version, batch, now().toISOString()),
    );
    if (!finished) return cleanUpIfPast(options, key, version);
    if (allBatchesDone(finished.value)) await withSpan('go live', {}, () => goLive(key, version));
  };
}
