import pLimit from 'p-limit';
import type { DocumentChunkMessage } from '../contracts/queue-messages.ts';
import { isAppError } from '../errors.ts';
import { changeDocument } from '../knowledge/change-document.ts';
import { batchBlob, sourceBlob } from '../knowledge/document-blobs.ts';
import { isCurrent, startEmbedding } from '../knowledge/document-lifecycle.ts';
import type { StoredDocument } from '../knowledge/document-repository.ts';
import { keyOf } from '../knowledge/document-source.ts';
import { writeExtractedText } from '../knowledge/extracted-text.ts';
import type { IngestionQueues } from '../knowledge/ingestion-queues.ts';
import type { KnowledgeBaseRepository } from '../knowledge/knowledge-base-repository.ts';
import { termsInAll } from '../knowledge/lexical/average-length.ts';
import type { VectorStore } from '../knowledge/vector-store.ts';
import type { BatchEmbeddingModel } from '../models/embedding-model.ts';
import type { EmbeddingModels } from '../models/embedding-models.ts';
import type { TokenCounter } from '../models/tokenizer.ts';
import { withSpan } from '../telemetry/span.ts';
import type { Versioned } from '../versioned.ts';
import { batchChunks } from './batch-chunks.ts';
import { chunkDocument } from './chunking/chunk-document.ts';
import { cleanUpIfPast } from './clean-up.ts';
import { ExtractionError } from './extraction/extraction-error.ts';
import { failDocument } from './fail-document.ts';
import { indexedText, titleOf } from './prepared-chunk.ts';
import { putOffRefused } from './put-off.ts';
import { type MeteredRecognitionOptions, recognitionFor } from './recognition/metered-recognition.ts';
import { type ReadDocumentOptions, readDocument } from './recognition/read-document.ts';
import { type CutDocument, createScreeningStep, type Screened, type ScreeningStepOptions } from './screening-step.ts';

const BATCHES_WRITTEN_AT_ONCE = 4;

export interface ChunkStepOptions extends ReadDocumentOptions, MeteredRecognitionOptions, ScreeningStepOptions {
  readonly knowledgeBases: KnowledgeBaseRepository;
  readonly vectorStore: VectorStore;
  readonly queues: IngestionQueues;
  readonly loadTokenizer: () => Promise<TokenCounter>;
  readonly embeddings: EmbeddingModels<BatchEmbeddingModel>;
  readonly maxBytes: number;
}

/** Reads the file of one version, cuts it into chunks and sends them to be embedded. Does nothing for a version that is past. */
export function createChunkStep(options: ChunkStepOptions): (message: DocumentChunkMessage) => Promise<void> {
  const { repository, knowledgeBases, blobs, queues, now } = options;
  const screen = createScreeningStep(options);

  async function read(document: StoredDocument, version: number): Promise<CutDocument | null> {
    const key = keyOf(document);
    const knowledgeBase = await knowledgeBases.find(key.tenantId, key.knowledgeBaseId);
    if (!knowledgeBase) {
      // It was deleted while this document was being uploaded to it.
      await queues.documentDelete(key);
      return null;
    }
    const { embeddingModel } = knowledgeBase.value;
    if (!options.embeddings.has(embeddingModel)) {
      await failDocument(options, { ...key, version }, modelMissing(embeddingModel));
      return null;
    }
    const load = () => blobs.download('documents', sourceBlob(key, version), options.maxBytes);
    const reading = { ...options, textRecognition: recognitionFor(options, document) };
    const extracted = await withSpan('extract', {}, () => readDocument(reading, load, { fileName: document.name }));
    const chunks = await withSpan('chunk', {}, async (span) => {
      const tokenizer = await options.loadTokenizer();
      const cut = chunkDocument(extracted, knowledgeBase.value.chunking, (text) => tokenizer.count(text));
      span.set({ 'platform.chunks': cut.length });
      return cut;
    });
    if (chunks.length === 0) throw new ExtractionError('no-text');
    const { request } = options.embeddings.named(embeddingModel);
    return { name: document.name, extracted, chunks, request };
  }

  async function send(
    found: Versioned<StoredDocument>,
    version: number,
    { name, extracted, chunks, findings, request }: Screened,
  ) {
    const key = keyOf(found.value);
    const title = titleOf(extracted.title, name);
    const batches = batchChunks(title, chunks, request);
    const termCount = await termsInAll(chunks.map((chunk) => indexedText(title, chunk)));
    await Promise.all([
      writeExtractedText(blobs, key, version, extracted.text),
      pLimit(BATCHES_WRITTEN_AT_ONCE).map(batches, (batch, index) =>
        blobs.writeJson('documents', batchBlob(key, version, index), batch),
      ),
    ]);
    const start = {
      mediaType: extracted.mediaType,
      pageCount: extracted.pageCount,
      chunkCount: chunks.length,
      termCount,
      batchCount: batches.length,
      findings,
      now: now().toISOString(),
    };
    const step = (document: StoredDocument) => startEmbedding(document, version, start);
    const started = await changeDocument(repository, key, step, found);
    if (!started) return cleanUpIfPast(options, key, version);
    await queues.chunkEmbed(batches.map((_, batch) => ({ ...key, version, batch })));
  }

  return async ({ version, ...key }) => {
    const found = await repository.find(key);
    if (!isCurrent(found?.value, version)) return cleanUpIfPast(options, key, version);
    if (found.value.status === 'ready') return;
    try {
      const cut = await read(found.value, version);
      const screened = cut && (await screen({ ...key, version }, cut));
      if (screened) await send(found, version, screened);
    } catch (error) {
      if (isAppError(error, 'too_many_requests')) {
        const of = { ...key, version };
        return putOffRefused(options, { of, putOff: (delaySeconds) => queues.documentChunk(of, delaySeconds) }, error);
      }
      if (!(error instanceof ExtractionError)) throw error;
      // The file itself is the reason, so trying again cannot help.
      const failure = { code: error.code, reason: error.message };
      await failDocument(options, { ...key, version }, failure);
    }
  };
}

const modelMissing = (model: string) => ({
  code: 'embedding-model-missing',
  reason:
    `The knowledge base is indexed with ${model}, which the platform does not offer any more. Ask its operator to add the ` +
    'model again or to run npm run reindex, then try again with Retry.',
});
