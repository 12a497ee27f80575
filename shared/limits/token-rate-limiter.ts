import type { Principal } from '../identity/principal.ts';

/** What a call took, or will take at most: tokens of all kinds and their price in micro-dollars. */
export interface Amounts {
  readonly tokens: number;
  readonly microUsd: number;
}

/** What a call will take at most, as far as can be told before it. */
export interface Estimate extends Amounts {
  /** Whose budgets it counts against, besides the user's and the tenant's. */
  readonly knowledgeBaseIds: readonly string[];
}

/** What is left of the limits per minute. Of each measure the scope counts that has the least left. */
export interface RateLimitStatus {
  /** Where the smallest share is left; null when nothing is limited. */
  readonly scope: string | null;
  /** null: without limit. */
  readonly limit: { readonly tokens: number | null; readonly requests: number | null };
  readonly remaining: { readonly tokens: number | null; readonly requests: number | null };
  /** Until the minute ends. */
  readonly resetSeconds: number;
}

/** Tokens and money set aside for one call. Settling or releasing twice counts once; left alone, it ends by itself. */
export interface Reservation extends RateLimitStatus {
  /** Books what was really used. Never fails: when the counters are down it is logged, and the ledger has the truth. */
  settle(actual: Amounts): Promise<void>;
  /** Gives everything back. Never fails, as settling. */
  release(): Promise<void>;
}

/** Whom a reservation counts against; ingestion has no user. */
export type Spender = Pick<Principal, 'tenantChain'> & { readonly userId: string | null };

/**
 * Admits calls within the limits of user, tenant and all its ancestors, and within their budgets: together, however many
 * instances ask at once.
 */
export interface TokenRateLimiter {
  /**
   * Sets aside what a call may use, in one round trip.
   * @throws AppError `too_many_requests` with `retryAfterSeconds` (none when the call could never fit) and `details` as
   * a `Refusal`; `dependency_unavailable` when the counters are down and the policy refuses then.
   */
  reserve(spender: Spender, estimate: Estimate): Promise<Reservation>;
}
