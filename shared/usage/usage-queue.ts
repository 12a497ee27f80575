import type { UsageRecord } from '../contracts/usage.ts';

/** Brings records to the ledger's worker, each at least once. */
export interface UsageQueue {
  /** Resolves when all are safely queued. */
  send(records: readonly UsageRecord[]): Promise<void>;
}
