import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ChatAnswer } from '../../shared/contracts/chat.ts';
import { ask, askStreaming, isType, messagesOf, textOf } from './support/conversations.ts';
import { chatModel, manyModels } from './support/models-file.ts';
import { createKnowledgeBase, onboardTenant, type TestPerson } from './support/platform.ts';
import { type ScriptedApp, startCatalogApp } from './support/scripted-app.ts';
import { type Reply, refusing, type ScriptedModel, saying } from './support/scripted-model.ts';

let model: ScriptedModel;
let app: ScriptedApp;
let member: TestPerson;
let asked = 0;
const models = manyModels(30);
/** Another one for each test: a deployment that fails is left alone for a while. */
let fresh = '';

beforeAll(async () => {
  app = await startCatalogApp(models.names.map((name) => chatModel(name, ['here'])));
  ({ model } = app);
  const tenant = await onboardTenant();
  member = await tenant.person(['Member'], { apiUrl: app.url });
});
beforeEach(() => {
  asked = model.requests.length;
  fresh = models.next();
});
afterAll(() => app?.stop());

const calls = () => model.requests.length - asked;
const cutAtOnce: Reply = (writer) => writer.cut();
const throttled = refusing(429, '429', { 'retry-after-ms': '20' });

describe('a failure before the first word', () => {
  it.each([
    ['429', throttled],
    ['500', refusing(500, 'InternalServerError')],
    ['a cut connection', cutAtOnce],
    ['an error as the first frame', ((writer) => writer.raw('data: {"error":{"message":"busy"}}\n\n')) as Reply],
  ])('is tried again and leaves one answer: %s', async (_, failure) => {
    model.next(failure, saying('At last.'));
    const answer = await ask(member, 'Will it work?', { model: fresh });

    expect(answer.text).toBe('At last.');
    expect(calls()).toBe(2);
    expect(await messagesOf(member, answer.sessionId)).toHaveLength(2);
  });

  it.each([
    ['always throttled', refusing(429, '429', { 'retry-after': '0' }), 3, 429, 'too_many_requests', '0'],
    [
      'throttled for longer than a minute',
      refusing(429, '429', { 'retry-after': '86400' }),
      1,
      429,
      'too_many_requests',
      null,
    ],
    ['always 500', refusing(500, 'InternalServerError'), 3, 502, 'upstream_failed', null],
    ['refused by the content filter', refusing(400, 'content_filter'), 1, 422, 'content_filtered', null],
    ['too long for the model', refusing(400, 'context_length_exceeded'), 1, 422, 'context_too_long', null],
    ['a wrong key', refusing(401, '401'), 1, 502, 'upstream_failed', null],
    ['always cut', cutAtOnce, 3, 502, 'upstream_failed', null],
  ])('is a problem and no stream: %s', async (_, failure, tries, status, code, retryAfter) => {
    model.next(...Array.from({ length: tries }, () => failure));
    const body = { message: 'Will it fail?', knowledgeBaseIds: [], model: fresh };
    const answer = await member.call('POST', '/api/v1/chat/stream', body);

    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.headers.get('x-vercel-ai-ui-message-stream')).toBeNull();
    expect(calls()).toBe(tries);
    if (retryAfter !== null) expect(answer.headers.get('retry-after')).toBe(retryAfter);
  });

  it('does not keep the asker waiting when it is the question that cannot be embedded', async () => {
    const asker = await (await onboardTenant()).person(['KnowledgeManager'], { apiUrl: app.url });
    await createKnowledgeBase(asker);
    model.embedding = refusing(429, '429', { 'retry-after': '8' });
    const startedAt = performance.now();
    const { status, headers } = await asker.call('POST', '/api/v1/chat', { message: 'Searchable?' });
    model.embedding = undefined;

    expect([status, headers.get('retry-after')]).toEqual([429, '8']);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(calls()).toBe(0);
  });

  it('names the wait that the service asks for, as a header', async () => {
    model.next(refusing(429, '429', { 'retry-after': '40' }));
    const { status, headers } = await member.call('POST', '/api/v1/chat', {
      message: 'Now?',
      knowledgeBaseIds: [],
      model: fresh,
    });

    expect([status, headers.get('retry-after')]).toEqual([429, '40']);
  });
});

describe('a failure after the first word', () => {
  it.each([
    [
      'cut',
      ((writer) => {
        writer.say('A good', ' beginning');
        writer.cut();
      }) as Reply,
    ],
    [
      'an error within the stream',
      ((writer) => {
        writer.say('A good', ' beginning');
        writer.raw('data: {"error":{"message":"overloaded","code":"500"}}\n\n');
      }) as Reply,
    ],
    [
      'no end',
      ((writer) => {
        writer.say('A good', ' beginning');
        writer.raw('data: [DONE]\n\n');
      }) as Reply,
    ],
  ])('is told in the stream, keeps the text and asks nothing twice: %s', async (_, reply) => {
    model.next(reply);
    const stream = await askStreaming(member, 'Will it hold?', { model: fresh });
    const events = await stream.until();

    expect(stream.response.status).toBe(200);
    expect(textOf(events)).toBe('A good beginning');
    expect(events.at(-2)?.chunk).toMatchObject({ type: 'error', errorText: expect.stringContaining('Try again') });
    expect(events.some(isType('finish'))).toBe(false);
    expect(calls()).toBe(1);
    expect(await messagesOf(member, stream.sessionId)).toMatchObject([
      { role: 'user' },
      { role: 'assistant', text: 'A good beginning', finishReason: 'error' },
    ]);
  });

  it('is the finish reason of an answer that is asked for whole', async () => {
    model.next((writer) => {
      writer.say('Half');
      writer.cut();
    });
    const answer = await ask(member, 'And whole?', { model: fresh });

    expect(answer).toMatchObject({ text: 'Half', finishReason: 'error' });
    expect(answer.usage.outputTokens).toBeGreaterThan(0);
  });
});

describe('an odd but whole stream', () => {
  it('gives the right text when a character is cut in two', async () => {
    const frame = (content: string) =>
      Buffer.from(`data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`);
    const bytes = Buffer.concat([frame('Grüße 👋 '), frame('日本')]);
    model.next(async (writer) => {
      for (const byte of bytes) {
        writer.raw(Uint8Array.of(byte));
        await new Promise(setImmediate);
      }
      writer.finish();
    });
    expect((await ask(member, 'Hello?', { model: fresh })).text).toBe('Grüße 👋 日本');
  });

  it('gives the right text around frames that say nothing', async () => {
    model.next((writer) => {
      writer.raw(': keep-alive\n\ndata: {"choices":[]}\n\n');
      writer.say('Only');
      writer.raw('data: {"choices":[{"index":0}]}\n\ndata: {"choices":[{"delta":{"content":null}}]}\n\n');
      writer.say(' this.');
      writer.finish();
    });
    expect((await ask(member, 'What is left?', { model: fresh })).text).toBe('Only this.');
  });

  it('saves a filtered answer as filtered', async () => {
    model.next((writer) => {
      writer.say('This much');
      writer.raw('data: {"choices":[{"delta":{},"finish_reason":"content_filter"}]}\n\ndata: [DONE]\n\n');
    });
    const { sessionId, text, finishReason } = (await ask(member, 'How much?', { model: fresh })) as ChatAnswer;

    expect([text, finishReason]).toEqual(['This much', 'content-filter']);
    expect((await messagesOf(member, sessionId))[1]).toMatchObject({ finishReason: 'content-filter' });
  });
});
