import { createTextRecognitionDependency } from '../adapters/document-intelligence/dependency.ts';
import { createTextRecognition } from '../adapters/document-intelligence/text-recognition.ts';
import { createHttpReranker } from '../adapters/rerank/http-reranker.ts';
import { SemanticCache } from '../cache/semantic-cache.ts';
import type { Config } from '../config.ts';
import type { newId } from '../identifiers.ts';
import { createDropFolders } from '../ingestion/drop-folder/drop-folders.ts';
import { createFollowFolder } from '../ingestion/drop-folder/follow-folder.ts';
import { spaceOf } from '../ingestion/embed-texts.ts';
import { createExtractor } from '../ingestion/extraction/extractor.ts';
import { createImports } from '../ingestion/imports/imports.ts';
import { createIngestion } from '../ingestion/ingestion.ts';
import { createReconcile } from '../ingestion/reconcile/reconcile.ts';
import { createReconcileAll } from '../ingestion/reconcile/reconcile-all.ts';
import { createUploads } from '../ingestion/uploads.ts';
import { createChunkInspector } from '../inspection/chunk-inspector.ts';
import { createDocumentPreview } from '../inspection/document-preview.ts';
import { announceChanges } from '../knowledge/announce-changes.ts';
import { createAnnouncements } from '../knowledge/announcements.ts';
import { createDocumentChanges } from '../knowledge/document-changes.ts';
import { createDocuments } from '../knowledge/documents.ts';
import { createKnowledgeBases } from '../knowledge/knowledge-bases.ts';
import { createPassageSearch } from '../knowledge/passage-search.ts';
import { createQuarantine } from '../knowledge/quarantine.ts';
import { denseWeightOf } from '../knowledge/ranking/fusion.ts';
import { createPassageReranking } from '../knowledge/ranking/rerank-passages.ts';
import { createReindexing } from '../knowledge/reindexing.ts';
import { createRetrieval } from '../knowledge/retrieval.ts';
import { loadTokenizer } from '../models/tokenizer.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Governance } from './governance.ts';
import type { Models } from './models.ts';
import type { Stores } from './stores.ts';

interface KnowledgeOptions {
  readonly config: Config;
  readonly stores: Stores;
  readonly models: Models;
  readonly governance: Governance;
  readonly newId: typeof newId;
  readonly now: () => Date;
  readonly log: Logger;
}

/** Knowledge bases and their documents: how they come in, and how they are found. */
export function createKnowledge({ config, stores, models, governance, newId: id, now, log }: KnowledgeOptions) {
  const { prices, questionEmbeddings, documentEmbeddings } = models;
  const { limiter, meter, audit, directory } = governance;
  const { chunks, cachedAnswers, queues } = stores;
  const semanticCache = new SemanticCache({
    store: cachedAnswers,
    vectorStore: chunks,
    spaces: questionEmbeddings.all.map(spaceOf),
    now,
    log,
  });
  const announce = createAnnouncements(({ tenantId, knowledgeBaseId }, change) =>
    stores.knowledgeBases.contentChanged(tenantId, knowledgeBaseId, change),
  );
  const vectorStore = announceChanges({
    vectorStore: chunks,
    announce,
    forgetDocument: (document) => semanticCache.forgetDocument(document),
  });
  const { blobs, documents: repository } = stores;
  const files = { repository, blobs, queues, maxBytes: config.maxUploadBytes, newId: id, now };
  const retrieval = createRetrieval({
    vectorStore,
    embeddings: questionEmbeddings,
    denseWeightOf: (model) => denseWeightOf(model, models.denseWeights.get(model)),
    rerank: config.rerank && createPassageReranking(createHttpReranker(config.rerank), { log, now }),
  });
  const knowledgeBases = createKnowledgeBases({
    repository: stores.knowledgeBases,
    queues,
    embeddingModel: documentEmbeddings.indexing.name,
    newId: id,
    now,
  });
  const changes = createDocumentChanges({
    ...{ repository, vectorStore, queues, announce, log, now },
    knowledgeBases: stores.knowledgeBases,
  });
  const followFolder = createFollowFolder({ repository, blobs, changes });
  const documents = createDocuments({ ...files, knowledgeBases, changes, vectorStore, followFolder });
  const ingestion = createIngestion({
    ...files,
    knowledgeBases: stores.knowledgeBases,
    records: stores.dropRecords,
    followFolder,
    extractor: createExtractor({ concurrency: config.extractionConcurrency }),
    textRecognition: config.textRecognition && createTextRecognition(config.textRecognition),
    loadTokenizer,
    embeddings: documentEmbeddings,
    tenants: directory,
    limiter,
    meter,
    prices,
    audit,
    vectorStore,
    changes,
    announce,
    log,
  });
  const reconciling = {
    ...files,
    records: stores.dropRecords,
    dropped: ingestion.dropped,
    knowledgeBases: stores.knowledgeBases,
    vectorStore,
    audit,
    log,
  };
  const reconcile = createReconcile(reconciling);
  return {
    dependencies: config.textRecognition ? [createTextRecognitionDependency(config.textRecognition)] : [],
    files,
    announce,
    semanticCache,
    vectorStore,
    retrieval,
    knowledgeBases,
    documents,
    ingestion,
    previewDocument: createDocumentPreview({ documents, vectorStore }),
    inspectChunks: createChunkInspector({
      ...{ documents, knowledgeBases, blobs, vectorStore, retrieval, limiter, meter, prices, now },
      loadTokenizer,
    }),
    searchPassages: createPassageSearch({ knowledgeBases, retrieval, limiter, meter, prices, audit, now }),
    quarantine: createQuarantine({ ...files, knowledgeBases, documents }),
    uploads: createUploads({ ...files, knowledgeBases, documents }),
    dropFolders: createDropFolders({ ...reconciling, knowledgeBases, runReconcile: reconcile }),
    imports: createImports({ ...reconciling, knowledgeBases }),
    reconcileAll: createReconcileAll({ ...stores, records: stores.dropRecords, reconcile, log, now }),
    reindexing: createReindexing({
      repository: stores.knowledgeBases,
      knowledgeBases,
      documents: repository,
      queues,
      model: documentEmbeddings.indexing.name,
      now,
    }),
  };
}
