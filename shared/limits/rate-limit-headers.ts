import type { AppError } from '../errors.ts';
import type { Refusal } from './refusal.ts';
import type { RateLimitStatus } from './token-rate-limiter.ts';

/** The `x-ratelimit-*` headers that go with an admitted call. */
export function rateLimitHeaders({ scope, limit, remaining, resetSeconds }: RateLimitStatus): Record<string, string> {
  if (scope === null) return {};
  return {
    ...pair('tokens', limit.tokens, remaining.tokens),
    ...pair('requests', limit.requests, remaining.requests),
    'x-ratelimit-reset': String(resetSeconds),
    'x-ratelimit-scope': scope,
  };
}

/** The same with the times by the names that OpenAI gives them. */
export function openAiRateLimitHeaders(status: RateLimitStatus): Record<string, string> {
  const reset = `${status.resetSeconds}s`;
  return {
    ...rateLimitHeaders(status),
    ...(status.limit.tokens !== null && { 'x-ratelimit-reset-tokens': reset }),
    ...(status.limit.requests !== null && { 'x-ratelimit-reset-requests': reset }),
  };
}

/** The same for a call that was refused: they say what refused it. Nothing for a refusal that was not ours. */
export function refusalHeaders({ code, details }: AppError): Record<string, string> {
  if (code !== 'too_many_requests' || !isRefusal(details)) return {};
  const { measure, limit, remaining, resetSeconds, scope } = details;
  return {
    ...(measure === 'microUsd' ? {} : pair(measure, limit, remaining)),
    'x-ratelimit-reset': String(resetSeconds),
    'x-ratelimit-scope': scope,
  };
}

function pair(measure: 'tokens' | 'requests', limit: number | null, remaining: number | null): Record<string, string> {
  if (limit === null || remaining === null) return {};
  // Written out, as objects with computed names are slow to make and to read.
  return measure === 'tokens'
    ? { 'x-ratelimit-limit-tokens': String(limit), 'x-ratelimit-remaining-tokens': String(remaining) }
    : { 'x-ratelimit-limit-requests': String(limit), 'x-ratelimit-remaining-requests': String(remaining) };
}

function isRefusal(details: object | undefined): details is Refusal {
  return details !== undefined && 'scope' in details && 'measure' in details && 'resetSeconds' in details;
}
