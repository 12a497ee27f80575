import { expect, it } from 'vitest';
import { z } from 'zod';
import { ChatCompletionRequest } from '../../../shared/contracts/openai.ts';
import { openAiErrorReply } from '../../../shared/edge/openai-error-reply.ts';
import { AppError, type AppErrorOptions, type ErrorCode } from '../../../shared/errors.ts';

const reply = (code: ErrorCode, options: AppErrorOptions = {}) => openAiErrorReply(new AppError(code, 'No.', options));

it.each([
  ['unauthenticated', 401, 'invalid_request_error', 'invalid_api_key'],
  ['forbidden', 403, 'permission_error', 'permission_denied'],
  ['bad_request', 400, 'invalid_request_error', null],
  ['content_filtered', 400, 'invalid_request_error', 'content_filter'],
  ['context_too_long', 400, 'invalid_request_error', 'context_length_exceeded'],
  ['unprocessable', 400, 'invalid_request_error', 'unsupported_value'],
  ['too_many_requests', 429, 'rate_limit_error', 'rate_limit_exceeded'],
  ['upstream_failed', 502, 'server_error', 'upstream_failed'],
  ['dependency_unavailable', 503, 'server_error', 'service_unavailable'],
  ['upstream_timeout', 504, 'server_error', 'upstream_timeout'],
] as const)('words %s as OpenAI does', (code, status, type, openAiCode) => {
  const { body, ...rest } = reply(code);

  expect(rest.status).toBe(status);
  expect(body.error).toMatchObject({ message: 'No.', type, code: openAiCode });
  expect(rest.headers).toMatchObject({ 'content-type': 'application/json' });
});

it('says when to try again, and that a client need not when waiting does not help', () => {
  expect(reply('too_many_requests', { retryAfterSeconds: 1.2 }).headers).toMatchObject({ 'retry-after': '2' });
  expect(reply('too_many_requests', { retryAfterSeconds: 1.2 }).headers).not.toHaveProperty('x-should-retry');
  expect(reply('too_many_requests').headers).toMatchObject({ 'x-should-retry': 'false' });
});

it('calls a budget that is spent by its own name', () => {
  const details = { window: 'month', scope: 'tenant:t', measure: 'tokens', resetSeconds: 9 };

  expect(reply('too_many_requests', { details }).body.error.code).toBe('insufficient_quota');
});

it('names the first field that is wrong', () => {
  const { error: cause } = ChatCompletionRequest.safeParse({ model: 'm', messages: [] });
  const { error } = reply('validation_failed', { cause }).body;

  expect(cause).toBeInstanceOf(z.ZodError);
  expect(error.param).toBe('messages');
  expect(error.message).toContain('messages: ');
});

it('keeps the field and code that the service of the model named', () => {
  const { error } = reply('bad_request', { details: { param: 'temperature', code: 'decimal_above_max_value' } }).body;

  expect(error).toMatchObject({ param: 'temperature', code: 'decimal_above_max_value' });
});
