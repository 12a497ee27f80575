import type { UsageKind, UsageRecord } from '../contracts/usage.ts';
import { type ModelUsage, NO_TOKENS } from '../models/model-usage.ts';
import type { PriceBook, PriceTier } from '../models/price-book.ts';
import type { Logger } from '../telemetry/logger.ts';
import { metrics } from '../telemetry/metrics.ts';
import { tenantLabel } from '../telemetry/tenant-label.ts';
import type { UsageQueue } from './usage-queue.ts';

/** One call to a model as who made it knows it. Each call is an event of its own, also one that does work again. */
export interface UsageEvent extends Pick<UsageRecord, 'tenantId' | 'kind' | 'userId' | 'knowledgeBaseId' | 'model'> {
  /**
   * As the model's service reported it. A `cache-hit` names what the answer took when it was made: the ledger counts no
   * tokens for it, only what they would have cost.
   */
  readonly usage: ModelUsage;
  /** Left out: `standard`. */
  readonly tier?: PriceTier;
}

/** Takes note of a call that is metered and settled later, with what it belongs to. */
export type AddUsage = (kind: UsageKind, model: string, usage: ModelUsage) => void;

/** Takes note of every model call; the ledger gets each once, however often it is delivered. */
export interface UsageMeter {
  /**
   * Prices events and resolves when they are safely queued. Never fails: what cannot be queued is logged whole, so that
   * it can be entered later. Call it after the answer, so that nobody waits for it.
   */
  record(events: readonly UsageEvent[]): Promise<void>;
}

export function createUsageMeter(options: {
  readonly queue: UsageQueue;
  readonly prices: PriceBook;
  readonly newId: (prefix: 'use') => string;
  readonly now: () => Date;
  readonly log: Logger;
}): UsageMeter {
  const { queue, prices, newId, now, log } = options;
  return {
    async record(events) {
      if (events.length === 0) return;
      const at = now().toISOString();
      const records = events.map((event) => toRecord(event, newId('use'), at, prices));
      for (const record of records) count(record);
      try {
        await queue.send(records);
      } catch (error) {
        log.error('usage could not be queued', { error, records });
      }
    },
  };
}

function count({ kind, model, tenantId, ...record }: UsageRecord): void {
  const tenant = tenantLabel(tenantId);
  const labels = { model, kind, tenant };
  metrics.tokens.add(record.inputTokens - record.cachedInputTokens, { ...labels, direction: 'input' });
  metrics.tokens.add(record.cachedInputTokens, { ...labels, direction: 'cached_input' });
  metrics.tokens.add(record.outputTokens, { ...labels, direction: 'output' });
  metrics.cost.add(record.costMicroUsd, labels);
  if (record.savedMicroUsd > 0) metrics.saved.add(record.savedMicroUsd, { model, tenant });
}

function toRecord({ usage, tier, ...facts }: UsageEvent, id: string, at: string, prices: PriceBook): UsageRecord {
  const { isEstimated = false, ...tokens } = usage;
  const price = prices.priceCall(facts.model, usage, at, tier);
  if (facts.kind !== 'cache-hit') return { id, at, ...facts, ...tokens, isEstimated, ...price };
  return { id, at, ...facts, ...NO_TOKENS, isEstimated, ...price, costMicroUsd: 0, savedMicroUsd: price.costMicroUsd };
}
