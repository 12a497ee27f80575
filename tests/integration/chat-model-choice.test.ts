import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChatAnswer } from '../../shared/contracts/chat.ts';
import type { Policy } from '../../shared/contracts/policy.ts';
import type { Session } from '../../shared/contracts/sessions.ts';
import { ask, askStreaming } from './support/conversations.ts';
import { chatModel } from './support/models-file.ts';
import { onboardTenant, type TestPerson } from './support/platform.ts';
import { type ScriptedApp, startCatalogApp } from './support/scripted-app.ts';
import { calling, refusing, type ScriptedModel, saying } from './support/scripted-model.ts';
import { chunksOf } from './support/tool-events.ts';

let model: ScriptedModel;
let app: ScriptedApp;

beforeAll(async () => {
  app = await startCatalogApp([
    chatModel('small', ['here'], { contextTokens: 2_000, maxOutputTokens: 500 }),
    chatModel('handy', ['here'], { contextTokens: 8_000, maxOutputTokens: 500, size: 'large', abilities: ['tools'] }),
  ]);
  ({ model } = app);
});
afterAll(() => app?.stop());

async function memberWith(policy: Policy = {}): Promise<TestPerson> {
  const tenant = await onboardTenant('A tenant with models', policy);
  return tenant.person(['Member'], { apiUrl: app.url });
}
const asked = (last = 1) => model.requests.at(-last);
const long = 'What was that? '.repeat(180);
const noticesOf = (events: Parameters<typeof chunksOf>[0]) =>
  chunksOf(events).flatMap((chunk) => (chunk.type === 'data-notice' ? [chunk.data.code] : []));

describe('the model of a turn', () => {
  it('is the one asked for, and told in a header, an event and the answer', async () => {
    const member = await memberWith();
    const stream = await askStreaming(member, 'Hello', { model: 'handy' });
    const route = { model: 'handy', deployment: 'here/handy', region: 'here', reason: 'asked', attempts: 1 };
    expect(stream.response.headers.get('x-model-route')).toBe(
      'handy; deployment=here/handy; region=here; reason=asked; attempts=1',
    );
    expect(chunksOf(await stream.until())).toContainEqual({ type: 'data-route', data: route });
    const { headers, body } = await member.call<ChatAnswer>('POST', '/api/v1/chat', {
      message: 'Hello',
      knowledgeBaseIds: [],
      model: 'handy',
    });
    expect(headers.get('x-model-route')).toContain('handy; ');
    expect(body).toMatchObject({ model: 'handy', route });
  });

  it('is that of the session when it asks for none, until the session changes it', async () => {
    const member = await memberWith();
    const { sessionId } = await ask(member, 'Hello', { model: 'handy' });
    expect(await ask(member, 'And now?', { sessionId })).toMatchObject({ model: 'handy' });
    expect(await ask(member, 'And now?', { sessionId, model: 'small' })).toMatchObject({ model: 'small' });
    const session = await member.must<Session>('PATCH', `/api/v1/sessions/${sessionId}`, { model: null });
    expect(session.model).toBeNull();
    expect((await ask(member, 'And now?', { sessionId })).route).toMatchObject({
      model: 'small',
      reason: 'platform-default',
    });
  });

  it('is the default when that of the session may not be used any more', async () => {
    const member = await memberWith({ models: ['small'] });
    const { sessionId } = await ask(member, 'Hello');
    await member.must('PATCH', `/api/v1/sessions/${sessionId}`, { model: 'handy' });
    expect(await ask(member, 'And now?', { sessionId })).toMatchObject({ model: 'small' });
  });

  it('is what a list of models is about: searching goes on with the model that the operator chose', async () => {
    const member = await memberWith({ models: ['small'] });
    expect((await member.call('POST', '/api/v1/query', { query: 'holidays' })).status).toBe(200);
    expect((await member.call('POST', '/api/v1/chat', { message: 'Hello' })).status).toBe(200);
    const embeddings = { model: 'local-hashing-embedding', input: 'Hello' };
    expect((await member.call('POST', '/openai/v1/embeddings', embeddings)).status).toBe(404);
  });

  it.each([
    ['handy', 403],
    ['unheard-of', 404],
  ])('is never one that may not be used: %s', async (name, expected) => {
    const member = await memberWith({ models: ['small'] });
    const before = model.requests.length;
    const body = { message: 'Hello', knowledgeBaseIds: [], model: name };
    expect((await member.call('POST', '/api/v1/chat', body)).status).toBe(expected);
    expect(model.requests).toHaveLength(before);
  });

  it('is chosen for its tools by `auto`, and gets none where it cannot use them', async () => {
    const member = await memberWith({ tools: ['calculator'] });
    expect((await ask(member, 'Hello', { model: 'auto' })).route).toMatchObject({
      model: 'handy',
      reason: 'auto:tools',
    });
    expect(asked()?.tools).toEqual(['calculator']);
    expect((await ask(member, 'Hello', { model: 'auto', tools: [] })).model).toBe('small');
    expect((await ask(member, 'Hello', { model: 'small' })).model).toBe('small');
    expect(asked()?.tools).toEqual([]);
  });
});

describe('a question to `auto`', () => {
  it('gets the large model when it looks hard', async () => {
    const member = await memberWith();
    expect((await ask(member, 'Hello', { model: 'auto' })).route).toMatchObject({
      model: 'small',
      reason: 'auto:short',
    });
    const hard = await ask(member, 'Why? Compare both, please.', { model: 'auto' });
    expect(hard.route).toMatchObject({ model: 'handy', reason: 'auto:hard' });
  });

  it('is judged by the small model where the policy says so', async () => {
    const member = await memberWith({ defaultModel: 'auto', routing: { classify: true } });
    model.next(saying('hard'), saying('Answered.'));
    expect((await ask(member, 'Hello')).route).toMatchObject({ model: 'handy', reason: 'auto:hard' });
    expect(asked(2)).toMatchObject({ deployment: 'small' });
  });
});

describe('a conversation that is too long for its model', () => {
  async function longConversation(member: TestPerson): Promise<string> {
    const { sessionId } = await ask(member, long);
    await ask(member, long, { sessionId });
    return sessionId;
  }

  it('is answered by a larger one, and says so', async () => {
    const member = await memberWith();
    const sessionId = await longConversation(member);
    const events = await (await askStreaming(member, long, { sessionId })).until();
    expect(noticesOf(events)).toEqual(['larger-model']);
    expect(asked()).toMatchObject({ deployment: 'handy' });
    expect(asked()?.messages.filter(({ role }) => role === 'user')).toHaveLength(3);
  });

  it('loses its oldest part where there is none, and says so', async () => {
    const member = await memberWith({ models: ['small'] });
    const sessionId = await longConversation(member);
    const events = await (await askStreaming(member, long, { sessionId })).until();
    expect(noticesOf(events)).toEqual(['history-trimmed']);
    expect(asked()).toMatchObject({ deployment: 'small' });
    expect(asked()?.messages.filter(({ role }) => role === 'user').length).toBeLessThan(3);
  });

  const tooLong = refusing(400, 'context_length_exceeded');

  it('is answered by a larger one when its service says so', async () => {
    const member = await memberWith();
    model.next(tooLong, saying('Now.'));
    const stream = await askStreaming(member, 'Hello');
    expect(noticesOf(await stream.until())).toEqual(['larger-model']);
    expect([asked(2)?.deployment, asked()?.deployment]).toEqual(['small', 'handy']);
    expect(stream.response.headers.get('x-model-route')).toContain('reason=larger-context');
  });

  it('is shortened once when its service says so and there is no larger one', async () => {
    const member = await memberWith({ models: ['small'] });
    const { sessionId } = await ask(member, 'What was first?');
    model.next(tooLong, saying('Now.'));
    const events = await (await askStreaming(member, 'And then?', { sessionId })).until();
    expect(noticesOf(events)).toEqual(['history-trimmed']);
    expect(asked()?.messages.map(({ content }) => content)).not.toContain('What was first?');

    const before = model.requests.length;
    model.next(tooLong, tooLong);
    const { status, body } = await member.call('POST', '/api/v1/chat', {
      message: 'And then?',
      sessionId,
      knowledgeBaseIds: [],
    });
    expect([status, body.code]).toEqual([422, 'context_too_long']);
    expect(model.requests.length - before).toBe(2);
  });

  it('makes room for the results of tools', async () => {
    const member = await memberWith({ models: ['handy'], tools: ['calculator'] });
    const sum = { name: 'calculator', input: { expression: `1${' '.repeat(400)}+ 1` } };
    const many = Array.from({ length: 30 }, () => sum);
    const { sessionId } = await ask(member, long.repeat(5), { model: 'handy' });
    model.next(calling(many, 'First. '.repeat(1_000)), saying('Done.'));
    const events = await (await askStreaming(member, 'Go on', { sessionId })).until();
    expect(noticesOf(events)).toEqual(['history-trimmed']);
    expect(
      asked()
        ?.messages.filter(({ role }) => role === 'user')
        .map(({ content }) => content),
    ).toEqual(['Go on']);
  });
});
