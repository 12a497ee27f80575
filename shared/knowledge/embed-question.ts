import type { KnowledgeBase } from '../contracts/knowledge-bases.ts';
import type { EmbeddingModels } from '../models/embedding-models.ts';
import type { ModelUser } from '../models/model-gateway.ts';
import type { ModelUsage } from '../models/model-usage.ts';

/** Tenants whose models are remembered; then all are forgotten, which costs each of them one wait. */
const MAX_TENANTS = 1_000;

/** A question that is ready to be searched with. */
export interface EmbeddedQuestion {
  readonly text: string;
  /** By the name of the model. */
  readonly vectors: ReadonlyMap<string, readonly number[]>;
  /** The models that embedded it, and what each took. */
  readonly taken: readonly { readonly model: string; readonly usage: ModelUsage }[];
}

/** Knowledge bases that are to be searched, as soon as it is known which. */
export type WantedKnowledgeBases = Promise<readonly Pick<KnowledgeBase, 'embeddingModel'>[]>;

export type EmbedQuestion = (
  user: ModelUser,
  question: string,
  knowledgeBases: WantedKnowledgeBases,
  signal?: AbortSignal,
) => Promise<EmbeddedQuestion>;

/**
 * Embeds a question once for each model that a knowledge base to be searched lives in. It does not wait for these: it begins
 * with the models that the tenant's last search needed, which are nearly always the same, and adds what is missing.
 * Where the knowledge bases cannot be told, it gives what it has.
 */
export function createQuestionEmbedder(models: EmbeddingModels): EmbedQuestion {
  const lastNeeded = new Map<string, readonly string[]>();

  function remember(tenantId: string, needed: readonly string[]): void {
    if (lastNeeded.size >= MAX_TENANTS) lastNeeded.clear();
    lastNeeded.set(tenantId, needed);
  }

  return async (user, question, knowledgeBases, signal) => {
    const embed = async (model: string) => {
      const { vectors, inputTokens } = await models.named(model).embed(user, [question], signal);
      return { model, vector: vectors[0] ?? [], usage: { inputTokens, cachedInputTokens: 0, outputTokens: 0 } };
    };
    const tenantId = user.tenantChain[0].id;
    const expected = lastNeeded.get(tenantId) ?? [models.indexing.name];
    const [early, wanted] = await Promise.allSettled([Promise.all(expected.map(embed)), knowledgeBases]);
    const needed = wanted.status === 'fulfilled' ? namesOf(await knowledgeBases) : null;
    if (needed && needed.length > 0) remember(tenantId, needed);
    // A model that nobody needs any more may fail; it is not asked again.
    const isNeeded = needed === null || needed.some((model) => expected.includes(model));
    if (early.status === 'rejected' && isNeeded) throw early.reason;
    const begun = early.status === 'fulfilled' ? early.value : [];
    const missing = (needed ?? []).filter((model) => !begun.some((each) => each.model === model));
    const all = [...begun, ...(await Promise.all(missing.map(embed)))];
    return {
      text: question,
      vectors: new Map(all.map(({ model, vector }) => [model, vector])),
      taken: all.map(({ model, usage }) => ({ model, usage })),
    };
  };
}

const namesOf = (knowledgeBases: Awaited<WantedKnowledgeBases>) =>
  [...new Set(knowledgeBases.map(({ embeddingModel }) => embeddingModel))].sort();
