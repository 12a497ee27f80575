import type { UsageReport, UsageSums } from '../contracts/usage.ts';
import { toCsv } from './csv.ts';
import { NO_USAGE } from './usage-total.ts';

const SUMS = Object.keys(NO_USAGE) as (keyof UsageSums)[];

/** A report as CSV: a column with the group, then one for each sum. */
export function reportCsv({ groupBy, groups }: UsageReport): string {
  const rows = groups.map((group) => [group.group, ...SUMS.map((name) => group[name])]);
  return toCsv([groupBy, ...SUMS], rows);
}
