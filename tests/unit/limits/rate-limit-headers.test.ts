import { describe, expect, it } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import { estimateTokens } from '../../../shared/limits/estimate-tokens.ts';
import { rateLimitHeaders, refusalHeaders } from '../../../shared/limits/rate-limit-headers.ts';

describe('rate limit headers', () => {
  it('say what an admitted call leaves, and nothing of what has no limit', () => {
    const status = {
      scope: 'tenant:ten_1',
      limit: { tokens: 1_000, requests: null },
      remaining: { tokens: 0, requests: null },
      resetSeconds: 12,
    };

    expect(rateLimitHeaders(status)).toEqual({
      'x-ratelimit-limit-tokens': '1000',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset': '12',
      'x-ratelimit-scope': 'tenant:ten_1',
    });
    expect(rateLimitHeaders({ ...status, scope: null })).toEqual({});
  });

  it('say what refused a call', () => {
    const refusal = { scope: 'user:ten_1:u', window: 'minute', limit: 5, remaining: 0, resetSeconds: 7 };
    const refused = (measure: string) =>
      refusalHeaders(new AppError('too_many_requests', 'No.', { details: { ...refusal, measure } }));

    expect(refused('requests')).toEqual({
      'x-ratelimit-limit-requests': '5',
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset': '7',
      'x-ratelimit-scope': 'user:ten_1:u',
    });
    expect(refused('microUsd')).toEqual({ 'x-ratelimit-reset': '7', 'x-ratelimit-scope': 'user:ten_1:u' });
  });

  it('do not claim the refusals of others', () => {
    expect(refusalHeaders(new AppError('too_many_requests', 'The model is busy.'))).toEqual({});
    expect(refusalHeaders(new AppError('dependency_unavailable', 'Down.', { details: { scope: 'x' } }))).toEqual({});
  });
});

describe('an estimate of tokens', () => {
  it.each([
    ['', 0],
    ['abc', 1],
    ['abcd', 1],
    ['abcde', 2],
  ])('of %j is %i', (text, tokens) => {
    expect(estimateTokens(text)).toBe(tokens);
  });
});
