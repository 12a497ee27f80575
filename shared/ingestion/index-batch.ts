import type { BlobStore } from '../knowledge/blob-store.ts';
import { carriedBy } from '../knowledge/carried.ts';
import { batchBlob } from '../knowledge/document-blobs.ts';
import type { StoredDocument } from '../knowledge/document-repository.ts';
import { keyOf } from '../knowledge/document-source.ts';
import { createAverageLength } from '../knowledge/lexical/average-length.ts';
import { documentVectors } from '../knowledge/lexical/bm25.ts';
import type { ChunkPoint, VectorStore } from '../knowledge/vector-store.ts';
import type { EmbeddingModel } from '../models/embedding-model.ts';
import { metrics } from '../telemetry/metrics.ts';
import { withSpan } from '../telemetry/span.ts';
import { tenantLabel } from '../telemetry/tenant-label.ts';
import { createTextEmbedder, type EmbedTextsOptions, spaceOf } from './embed-texts.ts';
import { ChunkBatch, chunkId, contentHash, indexedText } from './prepared-chunk.ts';

const NO_TERMS = { indices: [], values: [] };

export interface IndexBatchOptions extends EmbedTextsOptions {
  readonly blobs: BlobStore;
  readonly vectorStore: VectorStore;
}

/** One batch of a version, to be put into the space of a model. */
export interface BatchWork {
  readonly document: StoredDocument;
  readonly version: number;
  readonly batch: number;
  readonly embeddingModel: EmbeddingModel;
  readonly putOff: (delaySeconds: number) => Promise<void>;
}

/** @returns whether the batch is in the vector store now; else it was put off, or its document has failed. */
export type IndexBatch = (work: BatchWork) => Promise<boolean>;

/** Puts the chunks of a batch into the vector store, where no search finds them before their version is live. */
export function createBatchIndexer(options: IndexBatchOptions): IndexBatch {
  const { repository, blobs, vectorStore, now } = options;
  const averageLength = createAverageLength(repository, now);
  const embedTexts = createTextEmbedder(options);

  return async ({ document, version, batch, embeddingModel, putOff }) => {
    const key = keyOf(document);
    const { title, chunks } = ChunkBatch.parse(await blobs.readJson('documents', batchBlob(key, version, batch)));
    const texts = chunks.map((chunk) => indexedText(title, chunk));
    const hashes = texts.map(contentHash);
    const vectors = await embedTexts({ of: { ...key, version }, document, embeddingModel, texts, hashes, putOff });
    if (!vectors) return false;
    const { revision, ...carried } = carriedBy(document);
    const sparse = await documentVectors(texts, await averageLength(key));
    const points = chunks.map((chunk, position): ChunkPoint => {
      const hash = hashes[position] ?? '';
      return {
        id: chunkId(document.id, version, chunk.index),
        dense: vectors.get(hash) ?? [],
        sparse: sparse[position] ?? NO_TERMS,
        contentHash: hash,
        passage: {
          ...chunk,
          knowledgeBaseId: document.knowledgeBaseId,
          documentId: document.id,
          version,
          ...carried,
          source: document.source,
        },
        revision,
      };
    });
    await withSpan('index', { 'platform.chunks': points.length }, () =>
      vectorStore.upsert(spaceOf(embeddingModel), key.tenantId, points),
    );
    metrics.chunks.add(points.length, { tenant: tenantLabel(key.tenantId) });
    return true;
  };
}
