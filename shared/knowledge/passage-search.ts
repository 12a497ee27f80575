import type { AuditLog } from '../audit/audit-log.ts';
import { recordRetrieval } from '../audit/record-retrieval.ts';
import type { RunId } from '../contracts/identifiers.ts';
import type { KnowledgeQuery } from '../contracts/search.ts';
import { AppError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import { estimateTokens } from '../limits/estimate-tokens.ts';
import type { Reservation, TokenRateLimiter } from '../limits/token-rate-limiter.ts';
import type { PriceBook } from '../models/price-book.ts';
import type { UsageMeter } from '../usage/usage-meter.ts';
import type { KnowledgeBases } from './knowledge-bases.ts';
import type { EmbeddedQuestion, Passage, Retrieval } from './retrieval.ts';

/** For which run is searched, if for any, and until when. */
export interface SearchOccasion {
  readonly runId: RunId;
  readonly signal: AbortSignal;
}

/**
 * Searches what a principal may read, within its limits, metered and on record.
 * @throws AppError `not_found` for a knowledge base that it may not see.
 */
export type PassageSearch = (
  principal: Principal,
  query: KnowledgeQuery,
  occasion?: SearchOccasion,
) => Promise<Passage[]>;

export interface PassageSearchOptions {
  readonly knowledgeBases: KnowledgeBases;
  readonly retrieval: Retrieval;
  readonly limiter: TokenRateLimiter;
  readonly meter: UsageMeter;
  readonly prices: PriceBook;
  readonly audit: AuditLog;
  readonly now: () => Date;
}

export function createPassageSearch(options: PassageSearchOptions): PassageSearch {
  const { knowledgeBases, retrieval, meter, prices, audit, now } = options;
  return async (principal, { query, limit, diverse, filters, knowledgeBaseIds }, occasion) => {
    const [embedding, listing] = await Promise.allSettled([
      embedWithinLimits(options, principal, { query, knowledgeBaseIds }, occasion?.signal),
      knowledgeBases.searchable(principal),
    ]);
    if (embedding.status === 'rejected') throw embedding.reason;
    const { question, reservation } = embedding.value;
    const visible = listing.status === 'fulfilled' ? listing.value : [];
    const chosen = visible.filter(({ id }) => knowledgeBaseIds === undefined || knowledgeBaseIds.includes(id));
    const knowledgeBaseId = chosen.length === 1 ? (chosen[0]?.id ?? null) : null;
    const { tenantId, userId } = principal;
    const { model, usage } = question;
    const recorded = Promise.all([
      meter.record([{ tenantId, userId, knowledgeBaseId, kind: 'embedding', model, usage }]),
      reservation.settle(prices.amountsOf(model, usage, now().toISOString())),
    ]);
    if (listing.status === 'rejected') throw listing.reason;
    if (knowledgeBaseIds !== undefined && chosen.length < new Set(knowledgeBaseIds).size) {
      throw new AppError('not_found', 'There is no such knowledge base.');
    }
    const passages = await retrieval.search(principal, chosen, question, { limit, diverse, filters });
    const searched = { subject: occasion?.runId ?? null, knowledgeBaseIds: chosen.map(({ id }) => id), passages };
    await Promise.all([recorded, recordRetrieval(audit, principal, searched)]);
    return passages;
  };
}

/** Embeds a question once the limits admit it: one that they refuse costs nothing. */
async function embedWithinLimits(
  { retrieval, limiter, prices, now }: PassageSearchOptions,
  principal: Principal,
  { query, knowledgeBaseIds }: Pick<KnowledgeQuery, 'query' | 'knowledgeBaseIds'>,
  signal: AbortSignal | undefined,
): Promise<{ question: EmbeddedQuestion; reservation: Reservation }> {
  const usage = { inputTokens: estimateTokens(query), cachedInputTokens: 0, outputTokens: 0 };
  const only = knowledgeBaseIds?.length === 1 ? knowledgeBaseIds : [];
  const amounts = prices.amountsOf(retrieval.model, usage, now().toISOString());
  const reservation = await limiter.reserve(principal, { ...amounts, knowledgeBaseIds: only });
  try {
    return { question: await retrieval.embed(principal, query, signal), reservation };
  } catch (error) {
    await reservation.release();
    throw error;
  }
}
