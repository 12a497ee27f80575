import { expect, it } from 'vitest';
import { answerHeaders, turnHeaders } from '../../../shared/edge/answer-headers.ts';

const route = { model: 'm', deployment: 'd', region: 'Zürich\r\nx-evil: 1', reason: 'asked', attempts: 2 };
const MODEL_ROUTE = 'm; deployment=d; region=Z?rich??x-evil: 1; reason=asked; attempts=2';

it('tells which model answers in what a header may hold', () => {
  expect(answerHeaders(route, 'miss')).toEqual({ 'x-model-route': MODEL_ROUTE, 'x-cache': 'miss' });
});

it('says nothing of a model that was not asked, nor of a cache that had no part', () => {
  expect(answerHeaders(null, 'hit')).toEqual({ 'x-cache': 'hit' });
  expect(answerHeaders(null, null)).toEqual({});
});

it('tells the same of a turn, with its session, run and limits', () => {
  const limit = { tokens: 100, requests: null };
  const rateLimit = { scope: 'user:t:u', limit, remaining: { tokens: 40, requests: null }, resetSeconds: 9 };
  expect(turnHeaders({ sessionId: 'ses_1', runId: 'run_1', rateLimit, route, cache: 'bypass' })).toEqual({
    'x-session-id': 'ses_1',
    'x-run-id': 'run_1',
    'x-model-route': MODEL_ROUTE,
    'x-cache': 'bypass',
    'x-ratelimit-limit-tokens': '100',
    'x-ratelimit-remaining-tokens': '40',
    'x-ratelimit-reset': '9',
    'x-ratelimit-scope': 'user:t:u',
  });
});
