import type { KnowledgeBaseId } from '../contracts/identifiers.ts';
import type { Principal } from '../identity/principal.ts';
import type { Amounts, Reservation, TokenRateLimiter } from '../limits/token-rate-limiter.ts';
import type { ModelUsage } from '../models/model-usage.ts';
import type { PriceBook } from '../models/price-book.ts';
import type { AddUsage, UsageEvent, UsageMeter } from '../usage/usage-meter.ts';

/** The model calls of one turn, which are metered and settled together when it has ended. */
export interface TurnUsage {
  /** What was set aside for the turn. Rejects when it is refused. */
  readonly reserved: Promise<Reservation>;
  /** Sets more aside, for another step of the model. @throws AppError `too_many_requests`, as the limiter does */
  extend(model: string, inputTokens: number, outputTokens: number): Promise<void>;
  readonly add: AddUsage;
  /** What the turn is attributed to: a knowledge base only when it searched no other. */
  searched(knowledgeBaseIds: readonly KnowledgeBaseId[]): void;
  /** Meters what was added since the last time, and books it in place of what was set aside. Never fails. */
  send(): Promise<void>;
}

export interface TurnUsageOptions {
  readonly limiter: TokenRateLimiter;
  readonly meter: UsageMeter;
  readonly prices: PriceBook;
  readonly principal: Principal;
  readonly reserved: Promise<Reservation>;
  readonly now: () => Date;
}

export function createTurnUsage({ limiter, meter, prices, principal, reserved, now }: TurnUsageOptions): TurnUsage {
  const { tenantId, userId } = principal;
  const extensions: Reservation[] = [];
  let knowledgeBaseIds: readonly KnowledgeBaseId[] = [];
  let calls: Pick<UsageEvent, 'kind' | 'model' | 'usage'>[] = [];
  let spent: Amounts = { tokens: 0, microUsd: 0 };
  const amounts = (model: string, usage: ModelUsage) => prices.amountsOf(model, usage, now().toISOString());

  /** All that was spent is booked on the first reservation, in place of all of them. */
  async function settle(): Promise<void> {
    const first = await reserved.catch(() => null);
    await Promise.all([first?.settle(spent), ...extensions.map((reservation) => reservation.release())]);
  }

  return {
    reserved,
    async extend(model, inputTokens, outputTokens) {
      const estimate = amounts(model, { inputTokens, cachedInputTokens: 0, outputTokens });
      extensions.push(await limiter.reserve(principal, { ...estimate, knowledgeBaseIds }));
    },
    add(kind, model, usage) {
      calls.push({ kind, model, usage });
      // What a cached answer would have taken was not taken.
      if (kind === 'cache-hit') return;
      const { tokens, microUsd } = amounts(model, usage);
      spent = { tokens: spent.tokens + tokens, microUsd: spent.microUsd + microUsd };
    },
    searched(ids) {
      knowledgeBaseIds = ids.length === 1 ? ids : [];
    },
    async send() {
      const knowledgeBaseId = knowledgeBaseIds[0] ?? null;
      const events = calls.map((call) => ({ ...call, tenantId, userId, knowledgeBaseId }));
      calls = [];
      await Promise.all([meter.record(events), settle()]);
    },
  };
}
