import { z } from 'zod';
import { TenantId } from './identifiers.ts';

const MAX_LISTED = 100;
const Names = z.array(z.string().min(1).max(100)).max(MAX_LISTED);
const count = z.number().int().nonnegative();
const days = z.number().int().min(1).max(3_650);

export const RateLimits = z.strictObject({
  tokensPerMinute: count.optional(),
  requestsPerMinute: count.optional(),
});

/** What may be spent in a period. `hard` refuses at the limit; a soft one only warns at 50, 80 and 100 %. */
export const Budget = z.strictObject({
  microUsd: count.optional().meta({ description: 'Micro-dollars' }),
  tokens: count.optional(),
  hard: z.boolean().default(true),
});
export type Budget = z.infer<typeof Budget>;

export const Budgets = z.strictObject({ day: Budget.optional(), month: Budget.optional() });
export type Budgets = z.infer<typeof Budgets>;

/**
 * What a tenant allows. Everything left out is inherited. A tenant can only narrow what its parent allows: lists are
 * intersected, numbers take the smaller, a hard limit stays hard.
 */
export const Policy = z
  .strictObject({
    models: Names.optional().meta({ description: 'Models that may be used' }),
    defaultModel: z.string().max(100).optional(),
    tools: Names.optional().meta({ description: 'Tools that may be called' }),
    residencyRegions: Names.optional().meta({ description: 'Regions that data may be processed in' }),
    tenantLimits: RateLimits.optional().meta({ description: 'For all of the tenant together' }),
    userLimits: RateLimits.optional().meta({ description: 'For each of its people' }),
    tenantBudgets: Budgets.optional(),
    userBudgets: Budgets.optional(),
    knowledgeBaseBudgets: Budgets.optional(),
    retentionDays: z
      .strictObject({
        sessions: days.optional(),
        runs: days.optional(),
        documents: days.optional(),
        audit: days.optional(),
      })
      .optional(),
    knowledgeQuotas: z
      .strictObject({
        knowledgeBases: count.optional(),
        documents: count.optional().meta({ description: 'In each knowledge base' }),
        documentMegabytes: count.optional(),
      })
      .optional(),
    whenCountersAreDown: z.enum(['refuse', 'allow']).optional(),
  })
  .meta({ id: 'Policy' });
export type Policy = z.infer<typeof Policy>;

/** A policy with all ancestors taken into account, and which tenant each value comes from. */
export const EffectivePolicy = z
  .object({
    policy: Policy,
    sources: z
      .record(z.string(), TenantId)
      .meta({ description: 'The tenant that decided, by path, e.g. `tenantLimits.tokensPerMinute`' }),
  })
  .meta({ id: 'EffectivePolicy' });
export type EffectivePolicy = z.infer<typeof EffectivePolicy>;
