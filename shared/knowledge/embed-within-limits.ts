import type { KnowledgeQuery } from '../contracts/search.ts';
import type { Principal } from '../identity/principal.ts';
import { estimateTokens } from '../limits/estimate-tokens.ts';
import type { TokenRateLimiter } from '../limits/token-rate-limiter.ts';
import type { PriceBook } from '../models/price-book.ts';
import type { UsageMeter } from '../usage/usage-meter.ts';
import type { EmbeddedQuestion, Retrieval } from './retrieval.ts';

export interface EmbedWithinLimitsOptions {
  readonly retrieval: Pick<Retrieval, 'model' | 'embed'>;
  readonly limiter: TokenRateLimiter;
  readonly meter: UsageMeter;
  readonly prices: PriceBook;
  readonly now: () => Date;
}

export interface AdmittedQuestion {
  readonly question: EmbeddedQuestion;
  /** Meters what it took, for the one knowledge base that is searched, and settles the limits. */
  record(knowledgeBaseId: string | null): Promise<unknown>;
}

/** Embeds a question once the limits admit it: one that they refuse costs nothing. */
export async function embedWithinLimits(
  { retrieval, limiter, meter, prices, now }: EmbedWithinLimitsOptions,
  principal: Principal,
  { query, knowledgeBaseIds }: Pick<KnowledgeQuery, 'query' | 'knowledgeBaseIds'>,
  signal?: AbortSignal,
): Promise<AdmittedQuestion> {
  const estimated = { inputTokens: estimateTokens(query), cachedInputTokens: 0, outputTokens: 0 };
  const only = knowledgeBaseIds?.length === 1 ? knowledgeBaseIds : [];
  const amounts = prices.amountsOf(retrieval.model, estimated, now().toISOString());
  const reservation = await limiter.reserve(principal, { ...amounts, knowledgeBaseIds: only });
  try {
    const question = await retrieval.embed(principal, query, signal);
    const { model, usage } = question;
    const { tenantId, userId } = principal;
    return {
      question,
      record: (knowledgeBaseId) =>
        Promise.all([
          meter.record([{ tenantId, userId, knowledgeBaseId, kind: 'embedding', model, usage }]),
          reservation.settle(prices.amountsOf(model, usage, now().toISOString())),
        ]),
    };
  } catch (error) {
    await reservation.release();
    throw error;
  }
}
