import type { UsageEvent } from '../contracts/usage.ts';

/** Takes note of every model call; the ledger gets it once, however often it is sent. */
export interface UsageMeter {
  /** Resolves when the event is safely queued. */
  record(event: UsageEvent): Promise<void>;
}
