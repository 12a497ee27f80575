import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CreatedApiKey } from '../../shared/contracts/api-keys.ts';
import type { AuditItem } from '../../shared/contracts/audit.ts';
import type { Policy } from '../../shared/contracts/policy.ts';
import {
  CHAT_MODEL,
  EMBEDDING_MODEL,
  errorOf,
  type OpenAiApp,
  openAiClient,
  startOpenAiApp,
} from './support/openai-app.ts';
import { onboardTenant, type TestPerson, type TestTenant } from './support/platform.ts';

const HELLO = [{ role: 'user' as const, content: 'Hello' }];

let app: OpenAiApp;
let tenant: TestTenant;
let member: TestPerson;
let client: OpenAI;

beforeAll(async () => {
  app = await startOpenAiApp();
  tenant = await onboardTenant();
  member = await tenant.person(['Member'], { apiUrl: app.url });
  client = openAiClient(app.url, member);
});
afterAll(() => app?.stop());

const ask = (fields: object = {}, as: OpenAI = client) =>
  as.chat.completions.create({ model: CHAT_MODEL, messages: HELLO, ...fields });

async function clientUnder(policy: Policy): Promise<OpenAI> {
  return openAiClient(app.url, await (await onboardTenant('Limited', policy)).person(['Member'], { apiUrl: app.url }));
}

describe('who may call', () => {
  it('nobody without a token', async () => {
    const error = await errorOf(ask({}, openAiClient(app.url, { token: 'wrong' })));

    expect(error).toBeInstanceOf(OpenAI.AuthenticationError);
    expect(error).toMatchObject({ code: 'invalid_api_key', type: 'invalid_request_error' });
    expect(error.requestID).toMatch(/^[0-9a-f]{32}$/);
  });

  it('nobody whose role does not let them', async () => {
    const auditor = await tenant.person(['Auditor'], { apiUrl: app.url });
    const error = await errorOf(ask({}, openAiClient(app.url, auditor)));

    expect(error).toBeInstanceOf(OpenAI.PermissionDeniedError);
    expect(error.message).toContain('chat:use');
  });

  it('a program by its key, in either header', async () => {
    const admin = await tenant.person(['TenantAdmin'], { apiUrl: app.url });
    const { secret } = await admin.must<CreatedApiKey>('POST', '/api/v1/admin/api-keys', {
      name: 'Assistant',
      permissions: ['chat:use'],
      expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    });
    const baseURL = `${app.url}/openai/v1`;
    const apiKey = secret ?? '';
    const bearer = new OpenAI({ apiKey, baseURL });
    const azure = new OpenAI({ apiKey, baseURL, defaultHeaders: { authorization: null, 'api-key': apiKey } });

    for (const program of [bearer, azure]) {
      expect((await ask({}, program)).choices[0]?.message.content).toContain('local-extractive');
    }
    const forbidden = ask({ model: 'kb/anything' }, azure);
    expect(await errorOf(forbidden)).toMatchObject({ status: 403, code: 'permission_denied' });
  });

  it('nobody a model that the policy leaves out', async () => {
    const error = await errorOf(ask({}, await clientUnder({ models: ['gpt-4o'] })));

    expect(error).toBeInstanceOf(OpenAI.PermissionDeniedError);
    expect(error.param).toBe('model');
  });
});

describe('a request that cannot be met', () => {
  it.each([
    ['a model that there is not', { model: 'gpt-99' }, 404, 'model_not_found', 'model'],
    ['no messages', { messages: [] }, 400, null, 'messages'],
    ['more choices than allowed', { n: 100 }, 400, null, 'n'],
    ['a conversation to be kept', { store: true }, 400, null, 'store'],
    ['a search of the web', { web_search_options: {} }, 400, null, 'web_search_options'],
    [
      'an image for a model without eyes',
      {
        messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } }] }],
      },
      400,
      'unsupported_value',
      'model',
    ],
  ])('names its field: %s', async (_, fields, status, code, param) => {
    expect(await errorOf(ask(fields))).toMatchObject({ status, code, param });
  });

  it('tells what the service of the model says', async () => {
    const error = await errorOf(ask({ messages: [{ role: 'wizard', content: 'Hello' }] }));

    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({ param: 'messages.0.role' });
  });

  it.each([
    ['chat/completions', `"messages":[{"role":"user","content":"x"}]`],
    ['responses', '"input":"x"'],
    ['embeddings', '"input":"x"'],
  ])('does not end the process, however deep it is nested: %s', async (path, fields) => {
    const model = path === 'embeddings' ? EMBEDDING_MODEL : CHAT_MODEL;
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const { status, body } = await member.call(
      'POST',
      `/openai/v1/${path}`,
      `{"model":"${model}",${fields},"new":${deep}}`,
    );

    expect({ status, body }).toMatchObject({ status: 400, body: { error: { type: 'invalid_request_error' } } });
    expect((await ask()).choices).toHaveLength(1);
  });

  it('is no JSON, of another type or too large', async () => {
    const path = '/openai/v1/chat/completions';
    const large = `"${'x'.repeat(9 * 1024 * 1024)}"`;
    const answers = [
      await member.call('POST', path, '{'),
      await member.call('POST', path, 'Hello', { 'content-type': 'text/plain' }),
      await member.call('POST', path, large),
    ];

    expect(answers.map(({ status }) => status)).toEqual([400, 415, 413]);
    for (const { body } of answers) expect(body).toMatchObject({ error: { message: expect.any(String), param: null } });
  });
});

describe('a model that fails', () => {
  it.each([
    ['the content filter', { kind: 'content-filter-prompt' }, OpenAI.BadRequestError, 'content_filter'],
    ['too long a prompt', { kind: 'context-too-long' }, OpenAI.BadRequestError, 'context_length_exceeded'],
    ['errors all the time', { kind: 'server-error', times: 10 }, OpenAI.InternalServerError, 'upstream_failed'],
  ] as const)('before its first word is a plain error: %s', async (_, failure, kind, code) => {
    for (const stream of [false, true]) {
      await app.fail(failure);
      const error = await errorOf(ask({ model: app.unusedModel(), stream }));

      expect(error).toBeInstanceOf(kind);
      expect(error.code).toBe(code);
    }
  });

  it('for being busy says when to come back', async () => {
    await app.fail({ kind: 'throttle', times: 100, retryAfter: { header: 'retry-after', value: '40' } });
    const error = await errorOf(ask({ model: app.unusedModel() }));
    await app.fail();

    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
    expect(Number(error.headers?.get('retry-after'))).toBeGreaterThan(0);
  });

  it.each(['error-in-stream', 'cut-stream'])('after its first word ends the stream with an error: %s', async (kind) => {
    await app.fail({ kind, afterTokens: 3 });
    const stream = await client.chat.completions.create({ model: CHAT_MODEL, messages: HELLO, stream: true });
    let said = '';
    const error = await errorOf(
      (async () => {
        for await (const { choices } of stream) said += choices[0]?.delta?.content ?? '';
      })(),
    );

    expect(said.split(' ').length).toBeGreaterThan(2);
    expect(error.message).not.toBe('');
  });

  it('to send what others understand stumbles over nothing', async () => {
    await app.fail({ kind: 'malformed-frames' });
    const stream = client.chat.completions.stream({ model: CHAT_MODEL, messages: HELLO });

    expect(await stream.finalContent()).toContain('local-extractive');
  });
});

describe('what is on record of a call that was not let in', () => {
  /** The acts of somebody who tried the door and the chat. */
  async function actsAfterRefusal(policy: Policy, expected: number): Promise<AuditItem[]> {
    const of = await onboardTenant('Refused', policy);
    const [person, auditor] = await Promise.all([
      of.person(['Member'], { apiUrl: app.url }),
      of.person(['Auditor'], { apiUrl: app.url }),
    ]);
    const chat = await person.call('POST', '/api/v1/chat', { message: 'Hello', knowledgeBaseIds: [] });
    const door = await errorOf(ask({}, openAiClient(app.url, person)));
    expect([chat.status, door.status]).toEqual([expected, expected]);
    const path = `/api/v1/admin/audit?actor=${person.oid}`;
    const { items } = await auditor.must<{ items: AuditItem[] }>('GET', path);
    return items.filter(({ action }) => action !== 'sign-in.succeeded');
  }

  it('is the denial where a policy leaves the model out, at the door as in chat', async () => {
    const acts = await actsAfterRefusal({ models: ['gpt-4o'] }, 403);

    expect(acts.map(({ action, details }) => [action, details.operation]).sort()).toEqual([
      ['access.denied', 'chat'],
      ['access.denied', 'openai-chat-completions'],
    ]);
  });

  it('is nothing where a limit is used up, at the door as in chat', async () => {
    expect(await actsAfterRefusal({ userLimits: { tokensPerMinute: 1 } }, 429)).toEqual([]);
  });
});

describe('limits', () => {
  it('are told in the headers that clients read', async () => {
    const limited = await clientUnder({ userLimits: { tokensPerMinute: 100_000, requestsPerMinute: 10 } });
    for (const stream of [false, true]) {
      const { data, response } = await limited.chat.completions
        .create({ model: CHAT_MODEL, messages: HELLO, stream, max_tokens: 50 })
        .withResponse();
      if (Symbol.asyncIterator in data) for await (const _ of data);
      const header = (name: string) => response.headers.get(`x-ratelimit-${name}`);

      expect([header('limit-requests'), header('limit-tokens')]).toEqual(['10', '100000']);
      expect(header('remaining-requests')).toBe(stream ? '8' : '9');
      expect(Number(header('remaining-tokens'))).toBeLessThan(100_000);
      for (const reset of ['reset-requests', 'reset-tokens']) expect(header(reset)).toMatch(/^\d+s$/);
    }
  });

  it('refuse before the model is asked, and say when to try again', async () => {
    const limited = await clientUnder({ userLimits: { requestsPerMinute: 1 } });
    await ask({}, limited);
    const asked = (await app.requests()).length;
    const error = await errorOf(ask({ stream: true }, limited));

    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
    expect(error.code).toBe('rate_limit_exceeded');
    expect(Number(error.headers?.get('retry-after'))).toBeGreaterThan(0);
    expect((await app.requests()).length).toBe(asked);
  });

  it('tell a client not to try again what can never fit', async () => {
    const limited = await clientUnder({ userBudgets: { month: { tokens: 10, hard: true } } });
    const error = await errorOf(ask({}, limited));

    expect(error).toMatchObject({ status: 429, code: 'insufficient_quota' });
    expect(error.headers?.get('x-should-retry')).toBe('false');
  });

  it('count a stream as they count a whole answer, once it has ended', async () => {
    const remaining: string[] = [];
    for (const stream of [false, true]) {
      const limited = await clientUnder({ userLimits: { tokensPerMinute: 1_000_000 } });
      const answer = await limited.chat.completions.create({ model: CHAT_MODEL, messages: HELLO, stream });
      if (Symbol.asyncIterator in answer) for await (const _ of answer);
      const { response } = await limited.chat.completions.create({ model: CHAT_MODEL, messages: HELLO }).withResponse();
      remaining.push(response.headers.get('x-ratelimit-remaining-tokens') ?? '');
    }

    expect(remaining[0]).toBe(remaining[1]);
  });
});
