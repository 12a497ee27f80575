import type { BudgetWarning } from '../limits/budget-warnings.ts';
import type { Logger } from '../telemetry/logger.ts';
import { metrics } from '../telemetry/metrics.ts';
import { tenantLabel } from '../telemetry/tenant-label.ts';
import type { AuditLog } from './audit-log.ts';

/** Tells in the log and on record that 50, 80 or 100 % of a budget are used. */
export async function announceBudgetWarning(
  warning: BudgetWarning,
  { log, audit }: { readonly log: Logger; readonly audit: AuditLog },
): Promise<void> {
  metrics.budgetWarnings.add(1, {
    scope: warning.scope.split(':', 1)[0] ?? '',
    threshold: warning.thresholdPercent,
    tenant: tenantLabel(warning.tenantId),
  });
  log.warn('a budget threshold was crossed', { ...warning });
  const { tenantId, scope, ...details } = warning;
  await audit.record({
    tenantId,
    action: 'budget.threshold-crossed',
    outcome: 'allowed',
    actor: { kind: 'system', id: 'limits', name: 'Limits' },
    subject: scope,
    details,
  });
}
