import type { SearchFilters } from '../contracts/search-filters.ts';
import { AppError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import type { EmbeddingModels } from '../models/embedding-models.ts';
import { withSpan } from '../telemetry/span.ts';
import type { AddUsage } from '../usage/usage-meter.ts';
import { createQuestionEmbedder, type EmbeddedQuestion, type EmbedQuestion } from './embed-question.ts';
import type { SearchableKnowledgeBase } from './knowledge-content.ts';
import { queryVector } from './lexical/bm25.ts';
import type { Passage } from './passage.ts';
import { diversify } from './ranking/diversify.ts';
import { rankSpaces } from './ranking/rank-passages.ts';
import type { RerankPassages } from './ranking/rerank-passages.ts';
import { searchScopes } from './search-scope.ts';
import type { VectorStore } from './vector-store.ts';

/** Of each part, and twice as many as are wanted, as some turn out to be copies. */
const FEWEST_CANDIDATES = 50;

/** Which passages are wanted, of all that fit. */
export interface WantedPassages {
  readonly limit: number;
  /** false: near copies too, and as many of one document as fit best. Left out: neither. */
  readonly diverse?: boolean | undefined;
  readonly filters?: SearchFilters | undefined;
}

export interface Retrieval {
  /** The model that embeds most questions. */
  readonly model: string;
  readonly embed: EmbedQuestion;
  /** Whether a search may take more than its embedding, which is known after it only. */
  readonly takesMore: boolean;
  /**
   * The passages that fit best among those that the principal may read, best first. One round trip to the store, or one at
   * the same time for each model that the knowledge bases live in. `addUsage` hears of what it took besides.
   */
  search(
    principal: Principal,
    knowledgeBases: readonly SearchableKnowledgeBase[],
    question: EmbeddedQuestion,
    wanted: WantedPassages,
    addUsage: AddUsage,
  ): Promise<Passage[]>;
}

export function createRetrieval(options: {
  readonly vectorStore: VectorStore;
  readonly embeddings: EmbeddingModels;
  /** How far the dense part leads with an embedding model, 0 to 1. */
  readonly denseWeightOf: (model: string) => number;
  /** null: the order stays as it was found. */
  readonly rerank: RerankPassages | null;
}): Retrieval {
  const { vectorStore, embeddings, denseWeightOf, rerank } = options;
  return {
    model: embeddings.indexing.name,
    embed: createQuestionEmbedder(embeddings),
    takesMore: rerank !== null,
    async search(principal, knowledgeBases, question, { limit, diverse = true, filters }, addUsage) {
      const scopes = searchScopes(principal, knowledgeBases, filters);
      if (scopes.size === 0) return [];
      return withSpan('retrieval', { 'gen_ai.operation.name': 'retrieval' }, async (span) => {
        const sparse = await queryVector(question.text);
        const candidates = Math.max(FEWEST_CANDIDATES, 2 * limit);
        const searches = [...scopes].map(async ([model, scope]) => {
          const query = { dense: vectorIn(question, model), sparse, limit: candidates };
          return { ...(await vectorStore.search({ model }, scope, query)), denseWeight: denseWeightOf(model) };
        });
        const found = rankSpaces(await Promise.all(searches));
        const ranked = rerank ? await rerank(question.text, found, addUsage) : found;
        const passages = diverse ? diversify(ranked, limit) : ranked.slice(0, limit);
        const searched = [...scopes.values()].reduce((sum, scope) => sum + scope.knowledgeBaseIds.length, 0);
        span.set({ 'platform.passages': passages.length, 'platform.knowledge_bases': searched });
        return passages;
      });
    },
  };
}

function vectorIn({ vectors }: EmbeddedQuestion, model: string): readonly number[] {
  const vector = vectors.get(model);
  if (!vector) throw new AppError('internal', `The question was not embedded by ${model}.`);
  return vector;
}
