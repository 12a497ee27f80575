import type { InspectedChunk } from '../contracts/chunks.ts';
import type { Principal } from '../identity/principal.ts';
import { type EmbedWithinLimitsOptions, embedWithinLimits } from '../knowledge/embed-within-limits.ts';
import type { SearchableKnowledgeBase } from '../knowledge/knowledge-content.ts';
import { queryVector } from '../knowledge/lexical/bm25.ts';
import type { Retrieval } from '../knowledge/retrieval.ts';
import type { DocumentScope } from '../knowledge/search-scope.ts';
import type { ChunkRange, VectorStore } from '../knowledge/vector-store.ts';
import type { WeightedTerm } from './indexed-terms.ts';

/** As many as a search can give without looking further than one of a single result does, so that the scores are the same. */
const RANKED = { limit: 25, diverse: false };

export interface ExplainQueryOptions extends EmbedWithinLimitsOptions {
  readonly retrieval: Retrieval;
  readonly vectorStore: Pick<VectorStore, 'scoreChunks'>;
}

export interface AskedOfChunks {
  readonly scope: DocumentScope;
  readonly range: ChunkRange;
  readonly query: string;
  /** Of the terms that the chunks have. */
  readonly dimensions: ReadonlySet<number>;
}

/** How well a chunk fits, told by its id and its weighted words. */
export type ExplainChunk = (id: string, terms: readonly WeightedTerm[]) => NonNullable<InspectedChunk['scores']>;

/**
 * Scores chunks of a document for a question, each part for itself and all as a search of the principal would: within the
 * principal's limits, and metered as a search is.
 */
export async function explainQuery(
  options: ExplainQueryOptions,
  principal: Principal,
  knowledgeBase: SearchableKnowledgeBase,
  { scope, range, query, dimensions }: AskedOfChunks,
): Promise<ExplainChunk> {
  const { retrieval, vectorStore } = options;
  const { id, embeddingModel: model } = knowledgeBase;
  const { question, addUsage, record } = await embedWithinLimits(
    options,
    principal,
    { query, knowledgeBaseIds: [id] },
    Promise.resolve([knowledgeBase]),
  );
  const searching = retrieval.search(principal, [knowledgeBase], question, RANKED, addUsage);
  const recorded = Promise.allSettled([searching]).then(() => record(id));
  const sparse = await queryVector(query);
  const terms = sparse.indices.filter((dimension) => dimensions.has(dimension));
  const [scores, found] = await Promise.all([
    vectorStore.scoreChunks({ model }, scope, range, { dense: question.vectors.get(model) ?? [], sparse, terms }),
    searching,
    recorded,
  ]);
  const asked = new Set(sparse.indices);
  return (chunkId, indexed) => {
    const place = found.findIndex((passage) => passage.id === chunkId);
    return {
      dense: scores.dense.get(chunkId) ?? null,
      sparse: scores.sparse.get(chunkId) ?? null,
      fused: found[place]?.score ?? null,
      rank: place < 0 ? null : place + 1,
      matches: indexed
        .filter(({ dimension }) => asked.has(dimension))
        .map(({ dimension, term, weight }) => ({
          ...{ term, weight },
          score: scores.byTerm.get(dimension)?.get(chunkId) ?? null,
        })),
    };
  };
}
