import fc from 'fast-check';
import type { Policy } from '../../../shared/contracts/policy.ts';
import type { Tenant } from '../../../shared/contracts/tenants.ts';
import type { Organisation } from '../../../shared/tenants/tenant.ts';

const AT = '2026-01-01T00:00:00.000Z';

/** A valid tenant id that ends in `name`. */
export const idOf = (name: string) => `ten_${name.toUpperCase().padStart(26, '0')}`;

export function tenant(name: string, parent: string | null, fields: Partial<Tenant> = {}): Tenant {
  const parentId = parent === null ? null : idOf(parent);
  const times = { createdAt: AT, updatedAt: AT };
  return { id: idOf(name), name, parentId, mapping: null, status: 'active', policy: {}, ...times, ...fields };
}

export function organisation(...tenants: [Tenant, ...Tenant[]]): Organisation {
  return { id: tenants[0].id, tenants };
}

const count = fc.nat(50);
const names = fc.subarray(['gpt-4o', 'gpt-4o-mini', 'o4', 'small']);
const limits = fc.record({ tokensPerMinute: count, requestsPerMinute: count }, { requiredKeys: [] });
const budget = fc.record({ microUsd: count, tokens: count, hard: fc.boolean() }, { requiredKeys: ['hard'] });
const permission = fc.constantFrom('allow' as const, 'ask' as const, 'deny' as const);
const budgets = fc.record({ day: budget, month: budget }, { requiredKeys: [] });

const action = fc.constantFrom('index' as const, 'flag' as const, 'hold' as const);
const screening = fc.record({ low: action, high: action }, { requiredKeys: [] });

/** Any policy, with few names and numbers so that tenants often meet in them. */
export const anyPolicy: fc.Arbitrary<Policy> = fc.record(
  {
    models: names,
    defaultModel: fc.constantFrom('gpt-4o', 'gpt-4o-mini', 'o4'),
    tools: names,
    toolPermissions: fc.dictionary(fc.constantFrom('calculator', 'http_get'), permission),
    httpGetHosts: names,
    instructions: fc.constantFrom('Be brief.', 'Answer in German.'),
    semanticCache: fc.record(
      { enabled: fc.boolean(), similarity: fc.constantFrom(0.8, 0.9, 0.95), ttlSeconds: count },
      { requiredKeys: [] },
    ),
    traceMessageText: fc.boolean(),
    residencyRegions: names,
    tenantLimits: limits,
    userLimits: limits,
    tenantBudgets: budgets,
    userBudgets: budgets,
    knowledgeBaseBudgets: budgets,
    retentionDays: fc.record({ sessions: count, audit: count }, { requiredKeys: [] }),
    knowledgeQuotas: fc.record({ documents: count }, { requiredKeys: [] }),
    screening: fc.record({ promptInjection: screening, secrets: screening }, { requiredKeys: [] }),
    whenCountersAreDown: fc.constantFrom('refuse' as const, 'allow' as const),
  },
  { requiredKeys: [] },
);
