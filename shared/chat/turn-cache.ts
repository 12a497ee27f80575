import type { TurnFacts } from '../cache/cacheable-turn.ts';
import type { CachedAnswer } from '../cache/cached-answer.ts';
import type { FinishedAnswer } from '../cache/finished-answer.ts';
import type { SemanticCache } from '../cache/semantic-cache.ts';
import type { CacheStatus } from '../contracts/citations.ts';
import type { Principal } from '../identity/principal.ts';
import type { EmbeddedQuestion } from '../knowledge/retrieval.ts';

/** What the semantic cache has for a turn. */
export interface TurnCache {
  readonly status: CacheStatus;
  readonly found: CachedAnswer | null;
  /** Keeps the answer that a model gave, if it is one that may be given again. Never fails. */
  keep(answer: FinishedAnswer): Promise<void>;
}

/** Of a turn that passes the cache by, both ways. */
export const passedBy: TurnCache = { status: 'bypass', found: null, keep: async () => undefined };

/** Looks for an answer that may be given again, hardly longer than what is done `beside`. Never fails. */
export async function lookUpAnswer(
  cache: SemanticCache,
  principal: Principal,
  facts: TurnFacts,
  question: EmbeddedQuestion | null,
  beside: Promise<unknown>,
): Promise<TurnCache> {
  const admitted = question && cache.admit(principal, facts);
  if (!admitted) return passedBy;
  const found = await cache.lookUp(admitted, question, beside);
  // Kept again, it would live on when whoever asked first is erased.
  if (found) return { status: 'hit', found, keep: async () => undefined };
  return { status: 'miss', found, keep: (answer) => cache.store(admitted, question, answer) };
}
