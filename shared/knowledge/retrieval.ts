import type { Citation } from '../contracts/citations.ts';
import type { SearchFilters } from '../contracts/search-filters.ts';
import type { Principal } from '../identity/principal.ts';
import type { EmbeddingModel } from '../models/embedding-model.ts';
import type { ModelUser } from '../models/model-gateway.ts';
import type { ModelUsage } from '../models/model-usage.ts';
import { withSpan } from '../telemetry/span.ts';
import type { SearchableKnowledgeBase } from './knowledge-content.ts';
import { queryVector } from './lexical/bm25.ts';
import { diversify } from './ranking/diversify.ts';
import { rankPassages } from './ranking/rank-passages.ts';
import type { RerankPassages } from './ranking/rerank-passages.ts';
import { searchScope } from './search-scope.ts';
import { snippetOf } from './snippet.ts';
import type { IndexedPassage, VectorStore } from './vector-store.ts';

/** Of each part, and twice as many as are wanted, as some turn out to be copies. */
const FEWEST_CANDIDATES = 50;

export interface PassageScores {
  readonly dense: number | null;
  readonly sparse: number | null;
  /** Only of what a reranker has judged. */
  readonly rerank?: number | undefined;
}

/** A passage that was found, with how well it fits by each part. */
export interface Passage extends IndexedPassage {
  readonly id: string;
  /** 0 to 1; compares results of one search only. */
  readonly score: number;
  readonly scores: PassageScores;
}

/** A question that is ready to be searched with. */
export interface EmbeddedQuestion {
  readonly text: string;
  readonly vector: readonly number[];
  /** The model that embedded it, and what that took. */
  readonly model: string;
  readonly usage: ModelUsage;
}

/** Which passages are wanted, of all that fit. */
export interface WantedPassages {
  readonly limit: number;
  /** false: near copies too, and as many of one document as fit best. Left out: neither. */
  readonly diverse?: boolean | undefined;
  readonly filters?: SearchFilters | undefined;
}

export interface Retrieval {
  /** The model that embeds questions. */
  readonly model: string;
  embed(principal: ModelUser, question: string, signal?: AbortSignal): Promise<EmbeddedQuestion>;
  /** The passages that fit best among those that the principal may read, best first. One round trip to the store. */
  search(
    principal: Principal,
    knowledgeBases: readonly SearchableKnowledgeBase[],
    question: EmbeddedQuestion,
    wanted: WantedPassages,
  ): Promise<Passage[]>;
}

export function createRetrieval(options: {
  readonly vectorStore: VectorStore;
  readonly embeddingModel: EmbeddingModel;
  /** How far the dense part leads with an embedding model, 0 to 1. */
  readonly denseWeightOf: (model: string) => number;
  readonly rerank: RerankPassages;
}): Retrieval {
  const { vectorStore, embeddingModel, rerank } = options;
  const space = { model: embeddingModel.name, dimensions: embeddingModel.dimensions };
  const denseWeight = options.denseWeightOf(embeddingModel.name);
  return {
    model: embeddingModel.name,
    async embed(principal, question, signal) {
      const { vectors, inputTokens } = await embeddingModel.embed(principal, [question], signal);
      const usage = { inputTokens, cachedInputTokens: 0, outputTokens: 0 };
      return { text: question, vector: vectors[0] ?? [], model: embeddingModel.name, usage };
    },
    async search(principal, knowledgeBases, question, { limit, diverse = true, filters }) {
      const scope = searchScope(principal, knowledgeBases, filters);
      if (scope.knowledgeBaseIds.length === 0) return [];
      return withSpan('retrieval', { 'gen_ai.operation.name': 'retrieval' }, async (span) => {
        const sparse = await queryVector(question.text);
        const candidates = Math.max(FEWEST_CANDIDATES, 2 * limit);
        const hits = await vectorStore.search(space, scope, { dense: question.vector, sparse, limit: candidates });
        const ranked = await rerank(question.text, rankPassages(hits, denseWeight));
        const passages = diverse ? diversify(ranked, limit) : ranked.slice(0, limit);
        span.set({ 'platform.passages': passages.length, 'platform.knowledge_bases': scope.knowledgeBaseIds.length });
        return passages;
      });
    },
  };
}

/** A passage as the n-th citation of an answer to a question. */
export function toCitation(passage: Passage, number: number, question: string): Citation {
  const { knowledgeBaseId, documentId, documentName, version, page, headingPath, start, end, score, text } = passage;
  const { flags = [] } = passage;
  const place = page === null ? '' : `&page=${page}`;
  return {
    number,
    documentId,
    knowledgeBaseId,
    documentName,
    version,
    page,
    headingPath: [...headingPath],
    start,
    end,
    snippet: snippetOf(text, question),
    score,
    ...(flags.length > 0 && { flags: [...flags] }),
    url: `/api/v1/knowledge-bases/${knowledgeBaseId}/documents/${documentId}/source?version=${version}${place}`,
  };
}
