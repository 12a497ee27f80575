import type { KnowledgeQuery } from '../contracts/search.ts';
import type { Principal } from '../identity/principal.ts';
import { estimateTokens } from '../limits/estimate-tokens.ts';
import type { Amounts, TokenRateLimiter } from '../limits/token-rate-limiter.ts';
import type { PriceBook } from '../models/price-book.ts';
import type { AddUsage, UsageEvent, UsageMeter } from '../usage/usage-meter.ts';
import type { EmbeddedQuestion, WantedKnowledgeBases } from './embed-question.ts';
import type { Retrieval } from './retrieval.ts';

export interface EmbedWithinLimitsOptions {
  readonly retrieval: Pick<Retrieval, 'model' | 'embed'>;
  readonly limiter: TokenRateLimiter;
  readonly meter: UsageMeter;
  readonly prices: PriceBook;
  readonly now: () => Date;
}

export interface AdmittedQuestion {
  readonly question: EmbeddedQuestion;
  /** Takes note of what the search took besides, before it is recorded. */
  readonly addUsage: AddUsage;
  /** Meters all that was taken, for the one knowledge base that is searched, and settles the limits. */
  record(knowledgeBaseId: string | null): Promise<unknown>;
}

type Call = Pick<UsageEvent, 'kind' | 'model' | 'usage'>;

/** Embeds a question once the limits admit it: one that they refuse costs nothing. */
export async function embedWithinLimits(
  { retrieval, limiter, meter, prices, now }: EmbedWithinLimitsOptions,
  principal: Principal,
  { query, knowledgeBaseIds }: Pick<KnowledgeQuery, 'query' | 'knowledgeBaseIds'>,
  knowledgeBases: WantedKnowledgeBases,
  signal?: AbortSignal,
): Promise<AdmittedQuestion> {
  const estimated = { inputTokens: estimateTokens(query), cachedInputTokens: 0, outputTokens: 0 };
  const only = knowledgeBaseIds?.length === 1 ? knowledgeBaseIds : [];
  const amounts = prices.amountsOf(retrieval.model, estimated, now().toISOString());
  const reservation = await limiter.reserve(principal, { ...amounts, knowledgeBaseIds: only });
  try {
    const question = await retrieval.embed(principal, query, knowledgeBases, signal);
    const { tenantId, userId } = principal;
    const calls: Call[] = question.taken.map((took) => ({ ...took, kind: 'embedding' }));
    return {
      question,
      addUsage: (kind, model, usage) => void calls.push({ kind, model, usage }),
      record: (knowledgeBaseId) => {
        const at = now().toISOString();
        const amounts = calls.map(({ model, usage }) => prices.amountsOf(model, usage, at));
        const events = calls.map((call) => ({ ...call, tenantId, userId, knowledgeBaseId }));
        return Promise.all([meter.record(events), reservation.settle(sumOf(amounts))]);
      },
    };
  } catch (error) {
    await reservation.release();
    throw error;
  }
}

function sumOf(amounts: readonly Amounts[]): Amounts {
  return amounts.reduce(
    (sum, { tokens, microUsd }) => ({ tokens: sum.tokens + tokens, microUsd: sum.microUsd + microUsd }),
    { tokens: 0, microUsd: 0 },
  );
}
