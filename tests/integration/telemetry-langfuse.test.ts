import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { App } from '../../local/stack.ts';
import { json } from './scripted-server.ts';
import { ask, messagesOf } from './support/conversations.ts';
import { type OtlpCollector, startOtlpCollector } from './support/otlp-collector.ts';
import { eventually, onboardTenant, startAnotherApp, type TestPerson } from './support/platform.ts';

const TRACES = '/api/public/otel/v1/traces';
const SCORES = '/api/public/scores';
const comment = `comment${randomBytes(8).toString('hex')}`;

let langfuse: OtlpCollector;
let collector: OtlpCollector;
let app: App;
let person: TestPerson;

beforeAll(async () => {
  [langfuse, collector] = await Promise.all([startOtlpCollector(), startOtlpCollector()]);
  app = await startAnotherApp({
    env: {
      LANGFUSE_BASE_URL: langfuse.url,
      LANGFUSE_PUBLIC_KEY: 'pk-lf-test',
      LANGFUSE_SECRET_KEY: 'sk-lf-test',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-collector-key=of-the-collector',
      DEPLOYMENT_ENVIRONMENT: 'staging',
    },
  });
  person = await (await onboardTenant()).person(['Member'], { apiUrl: app.url });
});
beforeEach(() => langfuse.answer(json(200, {})));
afterAll(async () => {
  await app?.stop();
  await Promise.all([langfuse?.stop(), collector?.stop()]);
});

const scores = () => langfuse.requests.filter(({ path }) => path === SCORES);

async function rate(sender: TestPerson, body: object): Promise<{ traceId: string; status: number; messageId: string }> {
  const { sessionId } = await ask(sender, 'Hello');
  const answer = (await messagesOf(sender, sessionId)).find(({ role }) => role === 'assistant');
  const path = `/api/v1/sessions/${sessionId}/messages/${answer?.id}/feedback`;
  const { status } = await sender.call('PUT', path, body);
  return { traceId: answer?.traceId ?? '', messageId: answer?.id ?? '', status };
}

it('gets what agents and models did, with session, user and environment, and none of the plumbing', async () => {
  const { sessionId } = await ask(person, 'Hello');
  const turn = await eventually(async () =>
    langfuse
      .spans()
      .find(({ name, attributes }) => name === 'invoke_agent chat' && attributes['session.id'] === sessionId),
  );
  expect(turn).toMatchObject({
    attributes: {
      'session.id': sessionId,
      'user.id': person.oid,
      'langfuse.environment': 'staging',
      'langfuse.internal.is_app_root': true,
    },
  });
  await collector.trace(turn.traceId, 'POST /api/v1/chat');
  const roots = langfuse
    .spans(turn.traceId)
    .filter(({ attributes }) => attributes['langfuse.internal.is_app_root'] === true);
  expect(roots.map(({ name }) => name)).toEqual(['invoke_agent chat']);
  const calls = langfuse.spans(turn.traceId).filter(({ name }) => name === 'chat local-extractive');
  expect(calls[0]?.attributes).toMatchObject({
    'session.id': sessionId,
    'gen_ai.usage.output_tokens': expect.any(Number),
  });
  const names = new Set(langfuse.spans().map(({ name }) => name.split(' ')[0]));
  expect(
    [...names].filter((name) => !['invoke_agent', 'chat', 'embeddings', 'retrieval'].includes(name ?? '')),
  ).toEqual([]);
});

it('is sent its own keys, and never those of the collector', async () => {
  await ask(person, 'Hello');
  const request = await eventually(async () => langfuse.requests.find(({ path }) => path === TRACES));
  const basic = Buffer.from('pk-lf-test:sk-lf-test').toString('base64');
  expect(request.headers.authorization).toBe(`Basic ${basic}`);
  expect(langfuse.requests.filter(({ headers }) => 'x-collector-key' in headers)).toEqual([]);
  expect(collector.requests.filter(({ headers }) => 'authorization' in headers)).toEqual([]);
});

it('gets feedback as a score of the trace that made the answer, once for each answer', async () => {
  const { status, traceId, messageId } = await rate(person, { rating: 'down', comment });
  expect(status).toBe(200);
  const [score] = await eventually(async () => (scores().length > 0 ? scores() : undefined));
  expect(JSON.parse(score?.body ?? '')).toMatchObject({
    id: `feedback-${messageId}`,
    traceId,
    name: 'user-feedback',
    value: 0,
    dataType: 'BOOLEAN',
    environment: 'staging',
  });
  expect(score?.body).not.toContain(comment);
});

it('gets what a person wrote only of a tenant that lets traces hold text', async () => {
  const open = await onboardTenant('Open', { traceMessageText: true });
  const sender = await open.person(['Member'], { apiUrl: app.url });
  await rate(sender, { rating: 'up', comment: `${comment} with password=hunter2` });
  const [score] = await eventually(async () => (scores().length > 0 ? scores() : undefined));
  expect(JSON.parse(score?.body ?? '')).toMatchObject({ value: 1, comment: `${comment} with password=[redacted]` });
});

it.each([
  ['refuses', json(401, {})],
  ['fails', json(500, {})],
  ['never answers', () => undefined],
])('takes nothing from feedback when it %s', async (_, answer) => {
  langfuse.answer(answer);
  const startedAt = performance.now();
  const { status } = await rate(person, { rating: 'up' });
  expect(status).toBe(200);
  expect(performance.now() - startedAt).toBeLessThan(2_500);
  await eventually(async () => (scores().length > 0 ? true : undefined));
});
