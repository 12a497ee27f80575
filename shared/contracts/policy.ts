import { z } from 'zod';
import { TenantId } from './identifiers.ts';
import { ScreeningActions } from './screening.ts';

const MAX_LISTED = 100;
const MAX_INSTRUCTIONS = 4_000;
const Names = z.array(z.string().min(1).max(100)).max(MAX_LISTED);
const count = z.number().int().nonnegative();
const days = z.number().int().min(1).max(3_650);

/** What happens when a model asks for a tool; later ones are stricter. */
export const ToolPermission = z.enum(['allow', 'ask', 'deny']);
export type ToolPermission = z.infer<typeof ToolPermission>;

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
 * intersected, numbers take the smaller, a hard limit stays hard, a permission takes the stricter, instructions are added.
 */
export const Policy = z
  .strictObject({
    models: Names.optional().meta({ description: 'Models that may be used' }),
    defaultModel: z.string().max(100).optional(),
    routing: z
      .strictObject({
        smallModel: z
          .string()
          .max(100)
          .optional()
          .meta({ description: 'What `auto` uses for what is short and simple' }),
        largeModel: z
          .string()
          .max(100)
          .optional()
          .meta({ description: 'What it uses for long contexts, tools and hard questions' }),
        shortTokens: count.optional().meta({ description: 'Up to how many tokens a prompt is short' }),
        classify: z.boolean().optional().meta({ description: 'Lets the small model judge how hard a question is' }),
      })
      .optional(),
    tools: Names.optional().meta({ description: 'Tools that may be called; left out, none' }),
    toolPermissions: z
      .record(z.string().regex(/^[A-Za-z0-9_-]{1,100}$/), ToolPermission)
      .optional()
      .meta({ description: 'For each tool: called, called after its user agrees, or not called' }),
    httpGetHosts: Names.optional().meta({
      description: 'Hosts that the tool http_get may read, such as `intranet.contoso.com`',
    }),
    residencyRegions: Names.optional().meta({ description: 'Zones and regions that data may be processed in' }),
    instructions: z
      .string()
      .trim()
      .min(1)
      .max(MAX_INSTRUCTIONS)
      .optional()
      .meta({ description: 'Added to the instructions of the model' }),
    semanticCache: z
      .strictObject({
        enabled: z.boolean().optional(),
        similarity: z
          .number()
          .min(0.5)
          .max(1)
          .optional()
          .meta({ description: 'How alike two questions must be; 0.95 if left out' }),
        ttlSeconds: count.optional(),
      })
      .optional(),
    traceMessageText: z.boolean().optional().meta({ description: 'Traces may hold questions and answers' }),
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
    screening: z
      .strictObject({
        promptInjection: ScreeningActions.optional().meta({
          description: 'Text that gives the model orders; low `flag` and high `hold` if left out',
        }),
        secrets: ScreeningActions.optional().meta({
          description: 'Keys, tokens and passwords; low `flag` and high `hold` if left out',
        }),
        personalData: ScreeningActions.optional().meta({
          description: 'Numbers and addresses of people; low `index` and high `flag` if left out',
        }),
      })
      .optional()
      .meta({
        description: 'What is done with a document by what is found in it: indexed, flagged, or held for release',
      }),
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
