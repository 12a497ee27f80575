import { z } from 'zod';
import { KnowledgeBaseId, TenantId, Timestamp } from './identifiers.ts';

export const UsageKind = z.enum(['chat', 'title', 'embedding', 'ingestion', 'cache-hit']);
export type UsageKind = z.infer<typeof UsageKind>;

const tokens = z.number().int().nonnegative();

/** One call to a model, as its service counted it: one line of the ledger, written once for its id. */
export const UsageRecord = z
  .object({
    id: z.string().min(1).max(200).meta({ description: 'The event id; the same event has the same id' }),
    tenantId: TenantId,
    at: Timestamp,
    kind: UsageKind,
    userId: z.string().nullable().meta({ description: 'null: nobody in particular, such as a dropped file' }),
    knowledgeBaseId: KnowledgeBaseId.nullable(),
    model: z.string(),
    inputTokens: tokens,
    cachedInputTokens: tokens,
    outputTokens: tokens,
    costMicroUsd: tokens,
    savedMicroUsd: tokens.meta({ description: 'What a cache saved' }),
    priceVersion: z.string(),
  })
  .meta({ id: 'UsageRecord' });
export type UsageRecord = z.infer<typeof UsageRecord>;

/** What the producers of usage say; price and cost are added when it is metered. */
export type UsageEvent = Omit<UsageRecord, 'costMicroUsd' | 'savedMicroUsd' | 'priceVersion'>;
