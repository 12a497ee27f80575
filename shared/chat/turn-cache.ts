import type { TurnFacts } from '../cache/cacheable-turn.ts';
import type { CachedAnswer } from '../cache/cached-answer.ts';
import type { FinishedAnswer } from '../cache/finished-answer.ts';
import type { SemanticCache } from '../cache/semantic-cache.ts';
import type { CacheStatus } from '../contracts/citations.ts';
import type { Principal } from '../identity/principal.ts';
import type { EmbeddedQuestion } from '../knowledge/embed-question.ts';
import { metrics } from '../telemetry/metrics.ts';
import { withSpan } from '../telemetry/span.ts';
import { tenantLabel } from '../telemetry/tenant-label.ts';

/** What the semantic cache has for a turn. */
export interface TurnCache {
  readonly status: CacheStatus;
  readonly found: CachedAnswer | null;
  /** Keeps the answer that a model gave, if it is one that may be given again. Never fails. */
  keep(answer: FinishedAnswer): Promise<void>;
}

/** Of a turn that passes the cache by, both ways. */
export const passedBy: TurnCache = { status: 'bypass', found: null, keep: async () => undefined };

export interface LookUpFacts extends TurnFacts {
  /** The longest answer that the caller takes, in tokens. Left out: any. */
  readonly maxOutputTokens?: number | undefined;
}

/**
 * Looks for an answer that may be given again, hardly longer than what is done `beside`; it is a span, and counted. Never
 * fails.
 */
export function lookUpAnswer(
  cache: SemanticCache,
  principal: Principal,
  facts: LookUpFacts,
  question: EmbeddedQuestion | null,
  beside: Promise<unknown>,
): Promise<TurnCache> {
  return withSpan('cache lookup', {}, async (span) => {
    const looked = await lookUp();
    span.set({ 'platform.cache': looked.status });
    metrics.cacheLookups.add(1, { status: looked.status, tenant: tenantLabel(principal.tenantId) });
    return looked;
  });

  async function lookUp(): Promise<TurnCache> {
    const admitted = question && cache.admit(principal, facts);
    if (!admitted) return passedBy;
    const alike = await cache.lookUp(admitted, question, beside);
    const isTooLong = (alike?.usage.outputTokens ?? 0) > (facts.maxOutputTokens ?? Number.POSITIVE_INFINITY);
    const found = isTooLong ? null : alike;
    // Kept again, it would live on when whoever asked first is erased.
    if (found) return { status: 'hit', found, keep: async () => undefined };
    return { status: 'miss', found: null, keep: (answer) => cache.store(admitted, question, answer) };
  }
}
