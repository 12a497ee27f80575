import type { Principal } from '../identity/principal.ts';

/** What a call will take at most, as far as can be told before it. */
export interface Estimate {
  readonly tokens: number;
  readonly microUsd: number;
  /** Whose budgets it counts against, besides the user's and the tenant's. */
  readonly knowledgeBaseIds: readonly string[];
}

/** Tokens and money set aside for one call. Settling or releasing twice counts once; left alone, it ends by itself. */
export interface Reservation {
  /** Books what was really used. */
  settle(actual: { readonly tokens: number; readonly microUsd: number }): Promise<void>;
  /** Gives everything back. */
  release(): Promise<void>;
  /** For `x-ratelimit-*` headers: what is left in the tightest window. */
  readonly remaining: { readonly tokens: number | null; readonly requests: number | null };
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
   * @throws AppError `too_many_requests` with `retryAfterSeconds` and `details.scope`, `.limit`, `.window` of what refused;
   * `dependency_unavailable` when the counters are down and the policy refuses then.
   */
  reserve(spender: Spender, estimate: Estimate): Promise<Reservation>;
}
