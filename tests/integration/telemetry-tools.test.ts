import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { App } from '../../local/stack.ts';
import type { ChatAnswer } from '../../shared/contracts/chat.ts';
import { type OtlpCollector, pathsOf, startOtlpCollector } from './support/otlp-collector.ts';
import { onboardTenant, stack, startAnotherApp, type TestPerson } from './support/platform.ts';
import { calling, type ScriptedModel, saying, startScriptedModel } from './support/scripted-model.ts';

const TURN = 'POST /api/v1/chat > invoke_agent chat';

let model: ScriptedModel;
let collector: OtlpCollector;
let app: App;
let member: TestPerson;

beforeAll(async () => {
  [model, collector] = await Promise.all([startScriptedModel(stack.urls.models), startOtlpCollector()]);
  app = await startAnotherApp({
    env: { AZURE_OPENAI_ENDPOINT: model.url, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  });
  const tenant = await onboardTenant('A tenant with tools', { tools: ['calculator'] });
  member = await tenant.person(['Member'], { apiUrl: app.url });
});
afterAll(async () => {
  await app?.stop();
  await Promise.all([model?.stop(), collector?.stop()]);
});

it('shows each step of a turn with tools, and neither what a tool was asked nor what it said', async () => {
  model.next(calling({ name: 'calculator', input: { expression: '20345 + 22345' } }), saying('Done.'));
  const traceId = randomBytes(16).toString('hex');
  const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };
  const body = { message: 'Add them.', knowledgeBaseIds: [] };
  expect((await member.call<ChatAnswer>('POST', '/api/v1/chat', body, headers)).body.text).toBe('Done.');

  const spans = await collector.trace(traceId, 'POST /api/v1/chat', 'invoke_agent chat');
  const paths = pathsOf(spans);
  expect(paths).toEqual(expect.arrayContaining([`${TURN} > execute_tool calculator`, `${TURN} > persist`]));
  // Two steps and the title.
  expect(paths.filter((path) => path === `${TURN} > chat local-extractive`)).toHaveLength(3);
  expect(spans.find(({ name }) => name === 'execute_tool calculator')?.attributes).toMatchObject({
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': 'calculator',
    'platform.tool.outcome': 'done',
  });
  expect(JSON.stringify(spans)).not.toMatch(/20345|42690/);
});

it('shows a tool of ours that an MCP client calls, and what it does, but not what it was asked', async () => {
  model.next(saying('Nothing.'));
  const traceId = randomBytes(16).toString('hex');
  const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };
  const params = { name: 'ask', arguments: { question: 'Where is the quetzal?' } };
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params };
  expect((await member.call('POST', '/mcp', body, headers)).status).toBe(200);

  const spans = await collector.trace(traceId, 'POST /mcp', 'execute_tool ask', 'invoke_agent chat');
  expect(pathsOf(spans)).toContain('POST /mcp > execute_tool ask > invoke_agent chat');
  expect(spans.find(({ name }) => name === 'execute_tool ask')?.attributes).toMatchObject({
    'gen_ai.tool.name': 'ask',
    'platform.tool.outcome': 'done',
  });
  expect(JSON.stringify(spans)).not.toContain('quetzal');
});

it('shows a call of an MCP client whose arguments are wrong as a failure', async () => {
  const traceId = randomBytes(16).toString('hex');
  const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };
  const params = { name: 'read_document', arguments: {} };
  await member.call('POST', '/mcp', { jsonrpc: '2.0', id: 1, method: 'tools/call', params }, headers);

  const spans = await collector.trace(traceId, 'POST /mcp', 'execute_tool read_document');
  expect(spans.find(({ name }) => name === 'execute_tool read_document')?.attributes).toMatchObject({
    'platform.tool.outcome': 'failed',
    'error.type': 'tool_failed',
  });
});

it('shows a model that fails, and another attempt at it', async () => {
  model.next((writer) => writer.refuse(500, 'broken'), saying('Fine.'));
  const traceId = randomBytes(16).toString('hex');
  const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };
  const { status } = await member.call('POST', '/api/v1/chat', { message: 'Hello?', knowledgeBaseIds: [] }, headers);
  expect(status).toBe(200);
  const spans = await collector.trace(traceId, 'POST /api/v1/chat', 'invoke_agent chat');
  const attempts = spans.filter(({ name }) => name === 'attempt azure/local-extractive');
  expect(attempts.map(({ attributes }) => attributes['error.type'])).toEqual(expect.arrayContaining(['unavailable']));
  expect(spans.some(({ attributes }) => attributes['platform.route.attempts'] === 2)).toBe(true);
});
