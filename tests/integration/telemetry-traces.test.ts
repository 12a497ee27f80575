import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { App } from '../../local/stack.ts';
import type { AuditItem } from '../../shared/contracts/audit.ts';
import type { ChatAnswer } from '../../shared/contracts/chat.ts';
import type { Page } from '../../shared/contracts/paging.ts';
import { askStreaming, messagesOf } from './support/conversations.ts';
import { type CollectedSpan, type OtlpCollector, pathsOf, startOtlpCollector } from './support/otlp-collector.ts';
import {
  createKnowledgeBase,
  eventually,
  onboardTenant,
  startAnotherApp,
  type TestPerson,
  type TestTenant,
  uploadAndWait,
} from './support/platform.ts';

const secretWord = `word${randomBytes(8).toString('hex')}`;
const newTraceId = () => randomBytes(16).toString('hex');
const TURN = 'POST /api/v1/chat/stream > invoke_agent chat';

let collector: OtlpCollector;
let app: App;
let tenant: TestTenant;
let member: TestPerson;
let knowledgeBaseId: string;

beforeAll(async () => {
  collector = await startOtlpCollector();
  app = await startAnotherApp({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-collector-key=a%20secret',
      DEPLOYMENT_ENVIRONMENT: 'test',
    },
  });
  tenant = await onboardTenant();
  const keeper = await tenant.person(['KnowledgeManager']);
  member = await tenant.person(['Member'], { apiUrl: app.url });
  knowledgeBaseId = (await createKnowledgeBase(keeper)).id;
  await uploadAndWait(keeper, knowledgeBaseId, 'gate.md', `# Gate\n\nThe gate of ${secretWord} opens at seven.\n`);
});
afterAll(async () => {
  await app?.stop();
  await collector?.stop();
});

/** One streamed turn in a trace that the client began. */
async function tracedTurn(): Promise<{
  traceId: string;
  response: Response;
  sessionId: string;
  spans: CollectedSpan[];
}> {
  const traceId = newTraceId();
  const response = await member.fetch('/api/v1/chat/stream', {
    method: 'POST',
    headers: { 'content-type': 'application/json', traceparent: `00-${traceId}-b7ad6b7169203331-01` },
    body: JSON.stringify({ message: `When does the gate of ${secretWord} open?`, knowledgeBaseIds: [knowledgeBaseId] }),
  });
  expect(await response.text()).toContain(secretWord);
  const spans = await collector.trace(traceId, 'POST /api/v1/chat/stream', 'invoke_agent chat');
  return { traceId, response, sessionId: response.headers.get('x-session-id') ?? '', spans };
}

describe('the trace of a turn', () => {
  let turn: Awaited<ReturnType<typeof tracedTurn>>;
  beforeAll(async () => {
    turn = await tracedTurn();
  });

  it('is a tree of what was done, in the trace of the client', () => {
    expect(pathsOf(turn.spans)).toEqual(
      expect.arrayContaining([
        'POST /api/v1/chat/stream',
        'POST /api/v1/chat/stream > authenticate',
        'POST /api/v1/chat/stream > authenticate > policy',
        TURN,
        `${TURN} > reserve`,
        `${TURN} > embeddings local-hashing-embedding`,
        `${TURN} > embeddings local-hashing-embedding > route`,
        expect.stringMatching(
          `^${TURN} > embeddings local-hashing-embedding > route > attempt .+/local-hashing-embedding$`,
        ),
        `${TURN} > retrieval`,
        `${TURN} > chat local-extractive`,
        `${TURN} > chat local-extractive > route`,
        expect.stringMatching(`^${TURN} > chat local-extractive > route > attempt .+/local-extractive$`),
        `${TURN} > cache lookup`,
        `${TURN} > check support`,
        `${TURN} > settle`,
        `${TURN} > persist`,
        `${TURN} > send usage-events`,
      ]),
    );
    const [server] = turn.spans.filter(({ name }) => name === 'POST /api/v1/chat/stream');
    expect(server).toMatchObject({ kind: 2, parentSpanId: 'b7ad6b7169203331' });
    expect(turn.response.headers.get('x-trace-id')).toBe(turn.traceId);
  });

  it('is described by the conventions for HTTP and generative AI, and says whose it is', () => {
    const of = (name: string) => turn.spans.find((span) => span.name === name);
    expect(of('POST /api/v1/chat/stream')).toMatchObject({
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/api/v1/chat/stream',
        'http.response.status_code': 200,
        'faas.name': 'chat-stream',
      },
      resource: { 'service.name': 'enterprise-ai-platform', 'deployment.environment.name': 'test' },
    });
    expect(of('embeddings local-hashing-embedding')).toMatchObject({
      kind: 3,
      attributes: {
        'gen_ai.operation.name': 'embeddings',
        'gen_ai.request.model': 'local-hashing-embedding',
        'gen_ai.usage.input_tokens': expect.any(Number),
      },
    });
    expect(of('retrieval')?.attributes).toMatchObject({ 'gen_ai.operation.name': 'retrieval', 'platform.passages': 1 });
    expect(of('invoke_agent chat')?.attributes).toMatchObject({
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.conversation.id': turn.sessionId,
      'gen_ai.response.model': 'local-extractive',
      'gen_ai.response.finish_reasons': ['stop'],
    });
    expect(of('chat local-extractive')?.attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.input_tokens': expect.any(Number),
      'gen_ai.usage.output_tokens': expect.any(Number),
      'platform.route.attempts': 1,
    });
    expect(turn.spans.find(({ name }) => /^attempt .+\/local-extractive$/.test(name))).toMatchObject({
      kind: 3,
      attributes: { 'gen_ai.provider.name': 'azure.ai.openai', 'server.address': '127.0.0.1' },
    });
    for (const name of ['POST /api/v1/chat/stream', 'invoke_agent chat', 'chat local-extractive', 'persist']) {
      expect(of(name)?.attributes).toMatchObject({
        'platform.tenant.id': tenant.id,
        'user.id': member.oid,
        'session.id': turn.sessionId,
      });
    }
  });

  it('covers the stream to its last byte', () => {
    const of = (name: string) =>
      turn.spans.find((span) => span.name === name) as unknown as { endTimeUnixNano: string };
    const [server, persist] = [of('POST /api/v1/chat/stream'), of('persist')];
    expect(BigInt(server.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(persist.endTimeUnixNano));
  });

  it('is named beside the answer, by which feedback finds it', async () => {
    const messages = await messagesOf(member, turn.sessionId);
    expect(messages.find(({ role }) => role === 'assistant')?.traceId).toBe(turn.traceId);
  });

  it('holds no word of question, passage or answer, and no token', () => {
    const sent = collector.requests.map(({ body }) => body).join('\n');
    expect(sent).toContain('invoke_agent chat');
    expect(sent).not.toContain(secretWord);
    expect(sent).not.toContain(member.token.split('.')[2]);
    expect(sent).not.toContain('gen_ai.input.messages');
  });

  it('is sent with the headers that the collector asks for', () => {
    expect(collector.requests[0]?.headers).toMatchObject({
      'x-collector-key': 'a secret',
      'content-type': 'application/json',
    });
  });
});

it('holds what was said where the policy of the tenant says so, without secrets', async () => {
  const open = await onboardTenant('Open', { traceMessageText: true });
  const person = await open.person(['Member'], { apiUrl: app.url });
  const question = `Is ${randomBytes(8).toString('hex')} a word?`;
  const traceId = newTraceId();
  const message = `${question} My key is sk-0123456789abcdefghij`;
  const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };
  const { body } = await person.call<ChatAnswer>('POST', '/api/v1/chat', { message, knowledgeBaseIds: [] }, headers);
  const spans = await collector.trace(traceId, 'POST /api/v1/chat', 'invoke_agent chat');
  const said = spans.filter(({ attributes }) => String(attributes['gen_ai.input.messages']).includes(question));
  expect(said.map(({ name }) => name)).toContain('chat local-extractive');
  expect(said.some(({ attributes }) => spokenIn(attributes['gen_ai.output.messages']) === body.text)).toBe(true);
  expect(JSON.stringify(spans)).not.toContain('sk-0123456789abcdefghij');
});

const spokenIn = (messages: unknown): string => JSON.parse(String(messages))[0].parts[0].content;

it('begins a trace of its own for a call without one, which audit and answer name', async () => {
  const administrator = await tenant.person(['TenantAdmin'], { apiUrl: app.url });
  const response = await administrator.fetch('/api/v1/knowledge-bases', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Traced' }),
  });
  const traceId = response.headers.get('x-trace-id') ?? '';
  const spans = await collector.trace(traceId, 'POST /api/v1/knowledge-bases');
  expect(pathsOf(spans)).toContain('POST /api/v1/knowledge-bases');
  const recorded = await eventually(async () => {
    const { items } = await administrator.must<Page<AuditItem>>('GET', '/api/v1/admin/audit?limit=50');
    return items.find((item) => item.action === 'knowledge-base.created' && item.traceId === traceId);
  });
  expect(recorded.traceId).toBe(traceId);
});

it('marks what failed by the code of its error, without its words', async () => {
  const traceId = newTraceId();
  const { status } = await member.call('GET', `/api/v1/sessions/${secretWord}`, undefined, {
    traceparent: `00-${traceId}-b7ad6b7169203331-01`,
    authorization: `Bearer ${secretWord}`,
  });
  expect(status).toBe(401);
  const spans = await collector.trace(traceId, 'GET /api/v1/sessions/{sessionId}', 'authenticate');
  expect(spans.find(({ name }) => name === 'authenticate')).toMatchObject({
    status: { code: 2, message: 'unauthenticated' },
    attributes: { 'error.type': 'unauthenticated' },
  });
  expect(JSON.stringify(spans)).not.toContain(secretWord);
});

it('records only what the caller records when no share is asked for', async () => {
  const quiet = await startAnotherApp({
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_TRACES_SAMPLER_ARG: '0' },
  });
  try {
    const person = await tenant.person(['Member'], { apiUrl: quiet.url });
    const [unwanted, wanted] = [newTraceId(), newTraceId()];
    await person.call('GET', '/api/v1/me', undefined, { traceparent: `00-${unwanted}-b7ad6b7169203331-00` });
    await person.call('GET', '/api/v1/me', undefined, { traceparent: `00-${wanted}-b7ad6b7169203331-01` });
    await collector.trace(wanted, 'GET /api/v1/me');
    expect(collector.spans(unwanted)).toEqual([]);
  } finally {
    await quiet.stop();
  }
});

it('sends what is left when the host stops the app', async () => {
  const stopped = await startAnotherApp({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } });
  const person = await tenant.person(['Member'], { apiUrl: stopped.url });
  const traceId = newTraceId();
  await person.call('GET', '/api/v1/me', undefined, { traceparent: `00-${traceId}-b7ad6b7169203331-01` });
  await stopped.stop();
  expect(collector.spans(traceId).map(({ name }) => name)).toContain('GET /api/v1/me');
});

it('leaves no turn of a reader out who goes away', async () => {
  const { until, leave, response } = await askStreaming(member, 'Hello, are you there?');
  await until(({ id }) => id === 1);
  leave();
  const spans = await collector.trace(response.headers.get('x-trace-id') ?? '', 'invoke_agent chat');
  expect(spans.map(({ name }) => name)).toContain('persist');
});
