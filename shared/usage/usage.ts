import type { TenantId } from '../contracts/identifiers.ts';
import type { Principal } from '../identity/principal.ts';
import type { Logger } from '../telemetry/logger.ts';
import { createUsageLedger, type UsageLedger } from './usage-ledger.ts';
import { createUsageReports, type UsageReports } from './usage-report.ts';
import type { UsageRepository } from './usage-repository.ts';
import { createUsageTotals, type UsageTotals } from './usage-totals.ts';

/** The ledger of every model call, its totals, and the reports on them. */
export interface Usage {
  readonly ledger: UsageLedger;
  readonly totals: UsageTotals;
  readonly reports: UsageReports;
}

export function createUsage(options: {
  readonly repository: UsageRepository;
  readonly organisationOf: (principal: Principal, tenantId: TenantId) => Promise<TenantId>;
  readonly log: Logger;
}): Usage {
  const { repository, organisationOf, log } = options;
  const totals = createUsageTotals(repository, log);
  return {
    ledger: createUsageLedger(repository),
    totals,
    reports: createUsageReports({ repository, totals, organisationOf }),
  };
}
