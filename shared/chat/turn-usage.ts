import type { KnowledgeBaseId } from '../contracts/identifiers.ts';
import type { UsageKind } from '../contracts/usage.ts';
import type { Principal } from '../identity/principal.ts';
import type { Amounts, Reservation } from '../limits/token-rate-limiter.ts';
import type { ModelUsage } from '../models/chat-model.ts';
import type { PriceBook } from '../models/price-book.ts';
import type { UsageEvent, UsageMeter } from '../usage/usage-meter.ts';

/** The model calls of one turn, which are metered and settled together when it has ended. */
export interface TurnUsage {
  /** What was set aside for the turn. Rejects when it is refused. */
  readonly reserved: Promise<Reservation>;
  add(kind: UsageKind, model: string, usage: ModelUsage): void;
  /** What the turn is attributed to: a knowledge base only when it searched no other. */
  searched(knowledgeBaseIds: readonly KnowledgeBaseId[]): void;
  /** Meters what was added since the last time, and books it in place of what was set aside. Never fails. */
  send(): Promise<void>;
}

export interface TurnUsageOptions {
  readonly meter: UsageMeter;
  readonly prices: PriceBook;
  readonly principal: Principal;
  readonly reserved: Promise<Reservation>;
  readonly now: () => Date;
}

export function createTurnUsage({ meter, prices, principal, reserved, now }: TurnUsageOptions): TurnUsage {
  const { tenantId, userId } = principal;
  let knowledgeBaseId: KnowledgeBaseId | null = null;
  let calls: Pick<UsageEvent, 'kind' | 'model' | 'usage'>[] = [];
  let spent: Amounts = { tokens: 0, microUsd: 0 };
  return {
    reserved,
    add(kind, model, usage) {
      calls.push({ kind, model, usage });
      const { tokens, microUsd } = prices.amountsOf(model, usage, now().toISOString());
      spent = { tokens: spent.tokens + tokens, microUsd: spent.microUsd + microUsd };
    },
    searched(ids) {
      knowledgeBaseId = ids.length === 1 ? (ids[0] ?? null) : null;
    },
    async send() {
      const events = calls.map((call) => ({ ...call, tenantId, userId, knowledgeBaseId }));
      calls = [];
      const settled = reserved.then(
        (reservation) => reservation.settle(spent),
        () => undefined,
      );
      await Promise.all([meter.record(events), settled]);
    },
  };
}
