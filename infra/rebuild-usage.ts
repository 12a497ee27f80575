import { parseArgs } from 'node:util';
import { createCosmos } from '../shared/adapters/cosmos/client.ts';
import { createUsageRepository } from '../shared/adapters/cosmos/usage-repository.ts';
import { loadConfig } from '../shared/config.ts';
import { createLogger } from '../shared/telemetry/logger.ts';
import { dayBefore, nextMonth } from '../shared/usage/tenant-day.ts';
import { createUsageTotals } from '../shared/usage/usage-totals.ts';

// `npm run usage:rebuild -- ten_… 2026-11`: derives the totals of a tenant's month from its ledger again, corrects those
// that are wrong and prints them. Drift of 0 is what is to be expected. Safe at any time, and safe to run again.
const [tenantId, month] = parseArgs({ allowPositionals: true }).positionals;
if (!tenantId || !/^\d{4}-(0[1-9]|1[0-2])$/.test(month ?? '')) {
  process.stderr.write('usage: npm run usage:rebuild -- <tenant id> <YYYY-MM>\n');
  process.exit(2);
}

const config = loadConfig();
const cosmos = createCosmos(config.cosmos);
const totals = createUsageTotals(createUsageRepository(cosmos), createLogger(config.logLevel));
const from = `${month}-01`;
const drift = await totals.rebuild({ tenantId, from, to: dayBefore(nextMonth(from)) });
for (const { dimensions, stored, derived } of drift) {
  process.stdout.write(`${JSON.stringify({ ...dimensions, stored, derived })}\n`);
}
process.stdout.write(`drift: ${drift.length}\n`);
cosmos.close();
