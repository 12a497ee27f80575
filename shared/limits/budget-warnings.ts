import type { CounterState } from './counter-store.ts';
import type { Windows } from './counter-windows.ts';
import { type LimitedScope, type Measure, usedOf } from './limited-scope.ts';
import type { Amounts } from './token-rate-limiter.ts';

const THRESHOLDS = [50, 80, 100] as const;

/** A budget of which 50, 80 or 100 % is used: said once in each period. */
export interface BudgetWarning {
  /** `tenant:<id>`, `user:<tenant>:<user>` or `kb:<tenant>:<knowledge base>`. */
  readonly scope: string;
  /** Whose budget it is, or to whom the user or knowledge base belongs. */
  readonly tenantId: string;
  readonly period: 'day' | 'month';
  readonly measure: Exclude<Measure, 'requests'>;
  readonly thresholdPercent: (typeof THRESHOLDS)[number];
  readonly limit: number;
  readonly used: number;
  /** Whether calls are refused when all of it is used. */
  readonly hard: boolean;
}

/**
 * The thresholds that one settlement crossed. Settlements of a scope happen one after another, whichever instance makes
 * them, and only ever add: so each threshold is crossed by exactly one of them.
 */
export function budgetWarnings(
  scope: LimitedScope,
  after: CounterState,
  actual: Amounts,
  windows: Windows,
): BudgetWarning[] {
  return scope.allowances.flatMap((allowance) => {
    const { measure, period, limit, hard } = allowance;
    if (measure === 'requests' || period === 'minute') return [];
    const used = usedOf(after, allowance, windows);
    const before = used - actual[measure];
    const crossed = THRESHOLDS.filter((percent) => before * 100 < limit * percent && used * 100 >= limit * percent);
    return crossed.map((thresholdPercent) => ({
      scope: scope.name,
      tenantId: scope.tenantId,
      period,
      measure,
      thresholdPercent,
      limit,
      used,
      hard,
    }));
  });
}
