import type { FindingSummary } from '../contracts/screening.ts';

/** Findings as facts for the audit log, such as `secret/github/high/2`: never what was found. */
export function describeFindings(findings: readonly FindingSummary[]): string[] {
  return findings.map(({ kind, rule, severity, count }) => `${kind}/${rule}/${severity}/${count}`);
}
