import type { Budgets, Policy } from '../contracts/policy.ts';
import type { Cell, CounterState } from './counter-store.ts';
import { amountIn } from './counter-store.ts';
import type { Period, Windows } from './counter-windows.ts';
import type { Estimate, Spender } from './token-rate-limiter.ts';

export type Measure = 'tokens' | 'requests' | 'microUsd';

/** One number of a policy: how much of a measure may be used in a period. */
export interface Allowance {
  readonly measure: Measure;
  readonly period: Period;
  readonly limit: number;
  /** A soft one only warns. */
  readonly hard: boolean;
}

/** A user, tenant or knowledge base whose use is counted together. */
export interface LimitedScope {
  /** The partition of its counters: `tenant:<id>`, `user:<tenant>:<user>` or `kb:<tenant>:<knowledge base>`. */
  readonly name: string;
  /** For the person who is refused. */
  readonly label: string;
  readonly tenantId: string;
  readonly allowances: readonly Allowance[];
}

/** Everything that a call counts against and that has a limit or budget; what has none costs nothing. */
export function limitedScopesOf(spender: Spender, { knowledgeBaseIds }: Estimate): LimitedScope[] {
  const [own] = spender.tenantChain;
  const tenantId = own.id;
  const tenants = spender.tenantChain.map(({ id, policy }) => ({
    name: `tenant:${id}`,
    label: id === tenantId ? 'your tenant' : `the tenant ${id} above yours`,
    tenantId: id,
    allowances: allowancesOf(policy).tenant,
  }));
  const user = {
    name: `user:${tenantId}:${spender.userId}`,
    label: 'your account',
    tenantId,
    allowances: allowancesOf(own.policy).user,
  };
  const knowledgeBases = [...new Set(knowledgeBaseIds)].map((id) => ({
    name: `kb:${tenantId}:${id}`,
    label: `the knowledge base ${id}`,
    tenantId,
    allowances: allowancesOf(own.policy).knowledgeBase,
  }));
  const scopes = [...(spender.userId === null ? [] : [user]), ...tenants, ...knowledgeBases];
  return scopes.filter(({ allowances }) => allowances.length > 0);
}

/** How much of an allowance is used. */
export function usedOf(state: CounterState | null, { measure, period }: Allowance, windows: Windows): number {
  return state?.[measure][windows[period]] ?? 0;
}

/** How much of an allowance running calls hold. */
export function heldOf(state: CounterState | null, allowance: Allowance, windows: Windows): number {
  return amountIn(state, heldCells(allowance, windows));
}

/** The cells whose sum must stay within an allowance. */
export function cellsOf(allowance: Allowance, windows: Windows): Cell[] {
  return [usedCell(allowance, windows), ...heldCells(allowance, windows)];
}

/** How much of a measure a call may take. */
export function neededBy(estimate: Pick<Estimate, 'tokens' | 'microUsd'>, measure: Measure): number {
  return measure === 'requests' ? 1 : estimate[measure];
}

function usedCell({ measure, period }: Allowance, windows: Windows): Cell {
  return { counter: measure, window: windows[period] };
}

/** A minute counts what was reserved as used, so holds matter to budgets only. */
function heldCells({ measure, period }: Allowance, { slot, previousSlot }: Windows): Cell[] {
  if (period === 'minute') return [];
  const counter = measure === 'microUsd' ? 'heldMicroUsd' : 'heldTokens';
  return [
    { counter, window: slot },
    { counter, window: previousSlot },
  ];
}

interface PolicyAllowances {
  readonly tenant: readonly Allowance[];
  readonly user: readonly Allowance[];
  readonly knowledgeBase: readonly Allowance[];
}

/** A policy stays the same object for half a minute of calls. */
const known = new WeakMap<Policy, PolicyAllowances>();

function allowancesOf(policy: Policy): PolicyAllowances {
  let allowances = known.get(policy);
  if (allowances) return allowances;
  allowances = {
    tenant: [...perMinute(policy.tenantLimits), ...inBudgets(policy.tenantBudgets)],
    user: [...perMinute(policy.userLimits), ...inBudgets(policy.userBudgets)],
    knowledgeBase: inBudgets(policy.knowledgeBaseBudgets),
  };
  known.set(policy, allowances);
  return allowances;
}

function perMinute(limits: Policy['tenantLimits'] = {}): Allowance[] {
  return [
    ...allowance('tokens', 'minute', limits.tokensPerMinute),
    ...allowance('requests', 'minute', limits.requestsPerMinute),
  ];
}

function inBudgets(budgets: Budgets = {}): Allowance[] {
  return (['day', 'month'] as const).flatMap((period) => {
    const { tokens, microUsd, hard } = budgets[period] ?? {};
    return [...allowance('tokens', period, tokens, hard), ...allowance('microUsd', period, microUsd, hard)];
  });
}

function allowance(measure: Measure, period: Period, limit: number | undefined, hard = true): Allowance[] {
  return limit === undefined ? [] : [{ measure, period, limit, hard }];
}
