import { recordDocumentLife } from '../audit/record-document-life.ts';
import type { ChunkEmbedMessage } from '../contracts/queue-messages.ts';
import { alignPassages, makeVersionLive } from '../knowledge/align-passages.ts';
import type { BlobStore } from '../knowledge/blob-store.ts';
import { carriedBy } from '../knowledge/carried.ts';
import { changeDocument } from '../knowledge/change-document.ts';
import { batchBlob, versionPrefix } from '../knowledge/document-blobs.ts';
import { allBatchesDone, finishBatch, isBatchOf, isCurrent, recordLive } from '../knowledge/document-lifecycle.ts';
import type { DocumentKey, StoredDocument } from '../knowledge/document-repository.ts';
import { keyOf } from '../knowledge/document-source.ts';
import { createAverageLength } from '../knowledge/lexical/average-length.ts';
import { documentVectors } from '../knowledge/lexical/bm25.ts';
import type { ChunkPoint, VectorSpace, VectorStore } from '../knowledge/vector-store.ts';
import { metrics } from '../telemetry/metrics.ts';
import { withSpan } from '../telemetry/span.ts';
import { tenantLabel } from '../telemetry/tenant-label.ts';
import type { UsageMeter } from '../usage/usage-meter.ts';
import { cleanUpIfPast } from './clean-up.ts';
import { createEmbeddingAdmission, type EmbeddingAdmissionOptions } from './embedding-admission.ts';
import { ChunkBatch, chunkId, indexedText } from './prepared-chunk.ts';

/** Old versions whose files are looked for; those before were swept when their successors went live. */
const SWEPT_VERSIONS = 20;
const NO_TERMS = { indices: [], values: [] };

export interface EmbedStepOptions extends EmbeddingAdmissionOptions {
  readonly blobs: BlobStore;
  readonly meter: UsageMeter;
  readonly vectorStore: VectorStore;
  readonly space: VectorSpace;
}

/** Embeds one batch of a version; the last batch to be done makes the whole version live. */
export function createEmbedStep(options: EmbedStepOptions): (message: ChunkEmbedMessage) => Promise<void> {
  const { repository, blobs, embeddingModel, meter, prices, audit, vectorStore, space, now } = options;
  const admit = createEmbeddingAdmission(options);
  const averageLength = createAverageLength(repository, now);

  /** @returns false when the limits put the batch off. */
  async function store(document: StoredDocument, version: number, batch: number): Promise<boolean> {
    const key = keyOf(document);
    const { title, chunks } = ChunkBatch.parse(await blobs.readJson('documents', batchBlob(key, version, batch)));
    const texts = chunks.map((chunk) => indexedText(title, chunk));
    const admitted = await admit({ ...key, version, batch }, texts);
    if (!admitted) return false;
    const { reservation, user } = admitted;
    const { vectors, inputTokens } = await embeddingModel.embed(user, texts).catch(async (error: unknown) => {
      await reservation.release();
      throw error;
    });
    const usage = { inputTokens, cachedInputTokens: 0, outputTokens: 0 };
    await reservation.settle(prices.amountsOf(embeddingModel.name, usage, now().toISOString()));
    await meter.record([
      {
        tenantId: key.tenantId,
        kind: 'ingestion',
        userId: document.createdBy,
        knowledgeBaseId: key.knowledgeBaseId,
        model: embeddingModel.name,
        usage,
      },
    ]);
    const { revision, ...carried } = carriedBy(document);
    const sparse = await documentVectors(texts, await averageLength(key));
    const points = chunks.map(
      (chunk, position): ChunkPoint => ({
        id: chunkId(document.id, version, chunk.index),
        dense: vectors[position] ?? [],
        sparse: sparse[position] ?? NO_TERMS,
        passage: {
          ...chunk,
          knowledgeBaseId: document.knowledgeBaseId,
          documentId: document.id,
          version,
          ...carried,
          source: document.source,
        },
        revision,
      }),
    );
    await withSpan('index', { 'platform.chunks': points.length }, () =>
      vectorStore.upsert(space, key.tenantId, points),
    );
    metrics.chunks.add(points.length, { tenant: tenantLabel(key.tenantId) });
    return true;
  }

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
    if (!isDone && !(await store(found.value, version, batch))) return;
    const finished = await changeDocument(repository, key, (document) =>
      finishBatch(document, version, batch, now().toISOString()),
    );
    if (!finished) return cleanUpIfPast(options, key, version);
    if (allBatchesDone(finished.value)) await withSpan('go live', {}, () => goLive(key, version));
  };
}
