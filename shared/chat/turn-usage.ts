import type { KnowledgeBaseId } from '../contracts/identifiers.ts';
import type { UsageKind } from '../contracts/usage.ts';
import type { Principal } from '../identity/principal.ts';
import type { ModelUsage } from '../models/chat-model.ts';
import type { UsageEvent, UsageMeter } from '../usage/usage-meter.ts';

/** The model calls of one turn, which are metered together when it has ended. */
export interface TurnUsage {
  add(kind: UsageKind, model: string, usage: ModelUsage): void;
  /** What the turn is attributed to: a knowledge base only when it searched no other. */
  searched(knowledgeBaseIds: readonly KnowledgeBaseId[]): void;
  /** Meters what was added since the last time. Never fails. */
  send(): Promise<void>;
}

export function createTurnUsage(meter: UsageMeter, { tenantId, userId }: Principal): TurnUsage {
  let knowledgeBaseId: KnowledgeBaseId | null = null;
  let calls: Pick<UsageEvent, 'kind' | 'model' | 'usage'>[] = [];
  return {
    add(kind, model, usage) {
      calls.push({ kind, model, usage });
    },
    searched(ids) {
      knowledgeBaseId = ids.length === 1 ? (ids[0] ?? null) : null;
    },
    async send() {
      const events = calls.map((call) => ({ ...call, tenantId, userId, knowledgeBaseId }));
      calls = [];
      await meter.record(events);
    },
  };
}
