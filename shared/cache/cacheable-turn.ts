import type { PrincipalId } from '../contracts/identifiers.ts';
import type { Policy } from '../contracts/policy.ts';
import type { Principal } from '../identity/principal.ts';
import { type SearchScope, searchScopes } from '../knowledge/search-scope.ts';
import { type CacheKey, type CacheKeyFacts, cacheKey } from './cache-key.ts';
import { isPersonal } from './personal-question.ts';

const DEFAULT_SIMILARITY = 0.95;
const DAY_SECONDS = 24 * 60 * 60;
const DEFAULT_TTL_SECONDS = DAY_SECONDS;
const MAX_TTL_SECONDS = 7 * DAY_SECONDS;

/** What is known of a turn before it is answered. */
export interface TurnFacts extends CacheKeyFacts {
  readonly question: string;
  /** Whether the prompt holds messages of before. */
  readonly hasHistory: boolean;
  /** Whether the caller takes a cached answer. */
  readonly useCache: boolean;
}

/** A turn whose answer may come from the cache and go there; see `cacheableTurn`. */
export interface CacheableTurn {
  readonly key: CacheKey;
  /** What may be found, for each embedding model that it lies with. */
  readonly scopes: ReadonlyMap<string, SearchScope>;
  readonly askedBy: PrincipalId;
  readonly isGrounded: boolean;
  readonly similarity: number;
  readonly ttlSeconds: number;
}

/** null for a turn that passes the cache by, both ways. */
export function cacheableTurn(principal: Principal, facts: TurnFacts): CacheableTurn | null {
  const [{ policy }] = principal.tenantChain;
  const { enabled = false, similarity = DEFAULT_SIMILARITY } = policy.semanticCache ?? {};
  const ttlSeconds = ttlOf(policy);
  if (!enabled || !facts.useCache || facts.hasHistory || ttlSeconds === 0) return null;
  if (isPersonal(facts.question, principal)) return null;
  return {
    key: cacheKey(principal, facts),
    scopes: searchScopes(principal, facts.knowledgeBases),
    askedBy: principal.userId,
    isGrounded: facts.knowledgeBases.length > 0,
    similarity,
    ttlSeconds,
  };
}

/** An answer is not kept longer here than in its conversation. */
function ttlOf({ semanticCache, retentionDays }: Policy): number {
  const sessions = (retentionDays?.sessions ?? Number.POSITIVE_INFINITY) * DAY_SECONDS;
  return Math.min(semanticCache?.ttlSeconds ?? DEFAULT_TTL_SECONDS, MAX_TTL_SECONDS, sessions);
}
