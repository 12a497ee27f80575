import { z } from 'zod';
import { KnowledgeBaseId, TenantId, Timestamp } from './identifiers.ts';

export const UsageKind = z.enum(['chat', 'title', 'embedding', 'ingestion', 'recognition', 'rerank', 'cache-hit']);
export type UsageKind = z.infer<typeof UsageKind>;

const count = z.number().int().nonnegative();
const name = z.string().min(1).max(100);
const units = count.meta({
  description: 'Pages that were read or searches that were judged, where these are paid for',
});
const userId = name.nullable().meta({ description: 'null: nobody in particular, such as a dropped file' });

/** One call to a model, as its service counted it: one line of the ledger, written once for its id. */
export const UsageRecord = z
  .object({
    id: z
      .string()
      .regex(/^[\w-]{1,100}$/)
      .meta({ description: 'The event id; the same event has the same id' }),
    tenantId: TenantId,
    at: Timestamp,
    kind: UsageKind,
    userId,
    knowledgeBaseId: KnowledgeBaseId.nullable(),
    model: name,
    inputTokens: count,
    cachedInputTokens: count.meta({ description: 'The part of the input that the model had cached' }),
    outputTokens: count,
    units: units.optional(),
    isEstimated: z
      .boolean()
      .meta({ description: 'By the length of the texts: the service did not count, as for a call that broke off' }),
    costMicroUsd: count,
    savedMicroUsd: count.meta({ description: 'What a cache saved' }),
    priceVersion: z.string().max(40),
  })
  .meta({ id: 'UsageRecord' });
export type UsageRecord = z.infer<typeof UsageRecord>;

const MAX_RECORDS_PER_MESSAGE = 32;

export const UsageEventsMessage = z.object({ records: z.array(UsageRecord).min(1).max(MAX_RECORDS_PER_MESSAGE) });
export type UsageEventsMessage = z.infer<typeof UsageEventsMessage>;

/** What records add up to. */
export const UsageSums = z.object({
  calls: count,
  inputTokens: count,
  cachedInputTokens: count,
  outputTokens: count,
  estimatedTokens: count.meta({ description: 'The part of input and output that no service counted' }),
  costMicroUsd: count,
  savedMicroUsd: count,
  units,
});
export type UsageSums = z.infer<typeof UsageSums>;

export const UsageGrouping = z.enum(['day', 'model', 'user', 'knowledge-base', 'kind']);
export type UsageGrouping = z.infer<typeof UsageGrouping>;

const MAX_DAYS = 366;
const DAY_MILLISECONDS = 86_400_000;

export const UsageQuery = z
  .strictObject({
    from: z.iso.date().meta({ description: 'First day, UTC' }),
    to: z.iso.date().meta({ description: 'Last day, UTC; at most 366 days in all' }),
    groupBy: UsageGrouping.default('day'),
    format: z
      .enum(['json', 'csv', 'focus'])
      .default('json')
      .meta({ description: '`focus`: CSV with the columns of FOCUS 1.2, not grouped' }),
    tenantId: TenantId.optional().meta({ description: 'Left out: your own' }),
  })
  .refine(
    ({ from, to }) => from <= to && Date.parse(to) - Date.parse(from) < MAX_DAYS * DAY_MILLISECONDS,
    'must be a range of 1 to 366 days',
  );
export type UsageQuery = z.infer<typeof UsageQuery>;

export const UsageReport = z
  .object({
    tenantId: TenantId,
    from: z.iso.date(),
    to: z.iso.date(),
    groupBy: UsageGrouping,
    groups: z.array(
      UsageSums.extend({ group: z.string().nullable().meta({ description: 'null: nothing or nobody in particular' }) }),
    ),
    total: UsageSums,
  })
  .meta({ id: 'UsageReport' });
export type UsageReport = z.infer<typeof UsageReport>;
