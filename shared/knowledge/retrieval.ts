import type { Citation } from '../contracts/citations.ts';
import type { Principal } from '../identity/principal.ts';
import type { EmbeddingModel } from '../models/embedding-model.ts';
import type { ModelUser } from '../models/model-gateway.ts';
import type { ModelUsage } from '../models/model-usage.ts';
import { withSpan } from '../telemetry/span.ts';
import { queryVector } from './bm25.ts';
import { denseWeightOf, fuse } from './fusion.ts';
import type { SearchableKnowledgeBase } from './knowledge-content.ts';
import { searchScope } from './search-scope.ts';
import { snippetOf } from './snippet.ts';
import type { Hit, IndexedPassage, VectorStore } from './vector-store.ts';

const CANDIDATES = 50;

/** A passage that was found, with how well it fits by each part. */
export interface Passage extends IndexedPassage {
  readonly id: string;
  readonly score: number;
  readonly scores: { readonly dense: number | null; readonly sparse: number | null };
}

/** A question that is ready to be searched with. */
export interface EmbeddedQuestion {
  readonly text: string;
  readonly vector: readonly number[];
  /** The model that embedded it, and what that took. */
  readonly model: string;
  readonly usage: ModelUsage;
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
    limit: number,
  ): Promise<Passage[]>;
}

export function createRetrieval(options: {
  readonly vectorStore: VectorStore;
  readonly embeddingModel: EmbeddingModel;
}): Retrieval {
  const { vectorStore, embeddingModel } = options;
  const space = { model: embeddingModel.name, dimensions: embeddingModel.dimensions };
  const denseWeight = denseWeightOf(embeddingModel.name);
  return {
    model: embeddingModel.name,
    async embed(principal, question, signal) {
      const { vectors, inputTokens } = await embeddingModel.embed(principal, [question], signal);
      const usage = { inputTokens, cachedInputTokens: 0, outputTokens: 0 };
      return { text: question, vector: vectors[0] ?? [], model: embeddingModel.name, usage };
    },
    async search(principal, knowledgeBases, question, limit) {
      const scope = searchScope(principal, knowledgeBases);
      if (scope.knowledgeBaseIds.length === 0) return [];
      return withSpan('retrieval', { 'gen_ai.operation.name': 'retrieval' }, async (span) => {
        const sparse = queryVector(question.text);
        const hits = await vectorStore.search(space, scope, { dense: question.vector, sparse, limit: CANDIDATES });
        const passages = rank(hits.dense, hits.sparse, denseWeight).slice(0, limit);
        span.set({ 'platform.passages': passages.length, 'platform.knowledge_bases': scope.knowledgeBaseIds.length });
        return passages;
      });
    },
  };
}

function rank(dense: readonly Hit[], sparse: readonly Hit[], denseWeight: number): Passage[] {
  const denseScores = new Map(dense.map((hit) => [hit.id, hit.score]));
  const sparseScores = new Map(sparse.map((hit) => [hit.id, hit.score]));
  const passages = new Map([...dense, ...sparse].map((hit) => [hit.id, hit.passage]));
  const newest = newestVersions(passages.values());
  return fuse(denseScores, sparseScores, denseWeight).flatMap(({ id, score }) => {
    const passage = passages.get(id);
    if (!passage || passage.version !== newest.get(passage.documentId)) return [];
    const scores = { dense: denseScores.get(id) ?? null, sparse: sparseScores.get(id) ?? null };
    return [{ ...passage, id, score, scores }];
  });
}

/** While a new version goes live, a search may see both for a moment; only the newer one counts. */
function newestVersions(passages: Iterable<IndexedPassage>): Map<string, number> {
  const newest = new Map<string, number>();
  for (const { documentId, version } of passages) {
    newest.set(documentId, Math.max(version, newest.get(documentId) ?? 0));
  }
  return newest;
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
