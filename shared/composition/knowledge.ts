import { createHttpReranker } from '../adapters/rerank/http-reranker.ts';
import { SemanticCache } from '../cache/semantic-cache.ts';
import type { Config } from '../config.ts';
import type { newId } from '../identifiers.ts';
import { createExtractor } from '../ingestion/extraction/extractor.ts';
import { createIngestion } from '../ingestion/ingestion.ts';
import { createUploads } from '../ingestion/uploads.ts';
import { announceChanges } from '../knowledge/announce-changes.ts';
import { createDocuments } from '../knowledge/documents.ts';
import { createKnowledgeBases } from '../knowledge/knowledge-bases.ts';
import { createPassageSearch } from '../knowledge/passage-search.ts';
import { denseWeightOf } from '../knowledge/ranking/fusion.ts';
import { createPassageReranking } from '../knowledge/ranking/rerank-passages.ts';
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
  const { space, prices, questionEmbedding, documentEmbedding } = models;
  const { limiter, meter, audit, directory } = governance;
  const { chunks, cachedAnswers, queues } = stores;
  const semanticCache = new SemanticCache({ store: cachedAnswers, vectorStore: chunks, space, now, log });
  const vectorStore = announceChanges({
    vectorStore: chunks,
    knowledgeBases: stores.knowledgeBases,
    forgetDocument: (document) => semanticCache.forgetDocument(document),
  });
  const { blobs, documents: repository } = stores;
  const files = { repository, blobs, queues, maxBytes: config.maxUploadBytes, newId: id, now };
  const retrieval = createRetrieval({
    vectorStore,
    embeddingModel: questionEmbedding,
    denseWeightOf: (model) => denseWeightOf(model, models.denseWeights.get(model)),
    rerank: createPassageReranking(config.rerank && createHttpReranker(config.rerank), { log, now }),
  });
  const knowledgeBases = createKnowledgeBases({
    repository: stores.knowledgeBases,
    queues,
    embeddingModel: space.model,
    newId: id,
    now,
  });
  const documents = createDocuments({ ...files, knowledgeBases, vectorStore, space });
  return {
    files,
    semanticCache,
    vectorStore,
    retrieval,
    knowledgeBases,
    documents,
    searchPassages: createPassageSearch({ knowledgeBases, retrieval, limiter, meter, prices, audit, now }),
    uploads: createUploads({ ...files, knowledgeBases, documents }),
    ingestion: createIngestion({
      ...files,
      knowledgeBases: stores.knowledgeBases,
      extractor: createExtractor({ concurrency: config.extractionConcurrency }),
      loadTokenizer,
      embeddingModel: documentEmbedding,
      tenants: directory,
      limiter,
      meter,
      prices,
      audit,
      vectorStore,
      space,
      log,
    }),
  };
}
