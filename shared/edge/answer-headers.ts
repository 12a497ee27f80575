import type { CacheStatus } from '../contracts/citations.ts';
import type { RunId, SessionId } from '../contracts/identifiers.ts';
import type { ModelRoute } from '../contracts/models.ts';
import { rateLimitHeaders } from '../limits/rate-limit-headers.ts';
import type { RateLimitStatus } from '../limits/token-rate-limiter.ts';

type Headers = Readonly<Record<string, string>>;

/** A turn of chat that has begun, as far as its headers tell of it. */
interface StartedTurn {
  readonly sessionId: SessionId;
  readonly runId: RunId;
  readonly rateLimit: RateLimitStatus;
  readonly route: ModelRoute | null;
  readonly cache: CacheStatus;
}

/** Tells of a turn before its first word. */
export function turnHeaders({ sessionId, runId, rateLimit, route, cache }: StartedTurn): Headers {
  const ids = { 'x-session-id': sessionId, 'x-run-id': runId };
  return { ...ids, ...answerHeaders(route, cache), ...rateLimitHeaders(rateLimit) };
}

/** Tells whether an answer was given before, and else which model gives it, from where and why. */
export function answerHeaders(route: ModelRoute | null, cache: CacheStatus | null): Headers {
  return { ...(route && { 'x-model-route': describe(route) }), ...(cache && { 'x-cache': cache }) };
}

function describe({ model, deployment, region, reason, attempts }: ModelRoute): string {
  const value = `${model}; deployment=${deployment}; region=${region}; reason=${reason}; attempts=${attempts}`;
  return value.replaceAll(/[^\x20-\x7e]/g, '?');
}
