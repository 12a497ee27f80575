import type OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { AuditItem } from '../../shared/contracts/audit.ts';
import type { UsageReport } from '../../shared/contracts/usage.ts';
import { CHAT_MODEL, type OpenAiApp, openAiClient, startOpenAiApp } from './support/openai-app.ts';
import { eventually, onboardTenant, type TestPerson, type TestTenant } from './support/platform.ts';

const HELLO = [{ role: 'user' as const, content: 'Hello' }];
const WEATHER = {
  type: 'function' as const,
  function: {
    name: 'weather',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
};

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

async function collect(stream: AsyncIterable<OpenAI.ChatCompletionChunk>): Promise<OpenAI.ChatCompletionChunk[]> {
  const chunks: OpenAI.ChatCompletionChunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

const textOf = (chunks: readonly OpenAI.ChatCompletionChunk[]) =>
  chunks.map(({ choices }) => choices[0]?.delta?.content ?? '').join('');

describe('a chat completion', () => {
  it('is the answer of the model, and says who gave it', async () => {
    const { data, response } = await client.chat.completions
      .create({ model: CHAT_MODEL, messages: HELLO })
      .withResponse();

    expect(data.choices[0]?.message.content).toContain('local-extractive');
    expect(data.usage?.total_tokens).toBeGreaterThan(0);
    expect(response.headers.get('x-request-id')).toBe(response.headers.get('x-trace-id'));
    expect(response.headers.get('x-model-route')).toMatch(/^local-extractive; deployment=.+; region=.+; reason=asked/);
    expect(response.headers.get('content-type')).toBe('application/json');
  });

  it('streams the same words', async () => {
    const whole = await client.chat.completions.create({ model: CHAT_MODEL, messages: HELLO });
    const chunks = await collect(
      await client.chat.completions.create({ model: CHAT_MODEL, messages: HELLO, stream: true }),
    );

    expect(textOf(chunks)).toBe(whole.choices[0]?.message.content);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop');
  });

  it.each([true, false])('tells the usage of a stream only to who asks for it: %s', async (include_usage) => {
    const stream = await client.chat.completions.create({
      model: CHAT_MODEL,
      messages: HELLO,
      stream: true,
      stream_options: { include_usage },
    });
    const told = (await collect(stream)).filter(({ usage }) => usage);

    expect(told).toHaveLength(include_usage ? 1 : 0);
  });

  it('ends the stream as OpenAI does', async () => {
    const response = await member.fetch('/openai/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: CHAT_MODEL, messages: HELLO, stream: true }),
    });
    const text = await response.text();

    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(text.endsWith('\n\ndata: [DONE]\n\n')).toBe(true);
    expect(text).not.toContain('"usage":{');
  });

  it('keeps characters whole that the service tears apart', async () => {
    await app.fail({ kind: 'split-utf8' });
    const messages = [
      { role: 'system' as const, content: '<passage id="1" title="Menü" section="">\nKäse kostet drei €.\n</passage>' },
      { role: 'user' as const, content: 'Was kostet Käse?' },
    ];
    const chunks = await collect(await client.chat.completions.create({ model: CHAT_MODEL, messages, stream: true }));

    expect(textOf(chunks)).toContain('Käse kostet drei €');
  });

  it.each([
    ['Hello', 'auto:short'],
    ['Compare the two plans and say why one is better.', 'auto:hard'],
  ])('chooses a model by itself when it may, and says why: %s', async (content, reason) => {
    const { response } = await client.chat.completions
      .create({ model: 'auto', messages: [{ role: 'user', content }] })
      .withResponse();

    expect(response.headers.get('x-model-route')).toContain(`reason=${reason};`);
  });

  it('gives several choices, log probabilities, and passes unknown fields on', async () => {
    const { choices, usage } = await client.chat.completions.create({
      model: CHAT_MODEL,
      messages: HELLO,
      n: 2,
      seed: 7,
      logprobs: true,
      top_logprobs: 2,
      ...{ a_field_of_next_year: true },
    });

    expect(choices).toHaveLength(2);
    expect(choices[1]?.logprobs?.content?.[0]?.top_logprobs).toHaveLength(2);
    expect(usage?.completion_tokens).toBeGreaterThan(0);
  });

  it('stops where the client says', async () => {
    const { choices } = await client.chat.completions.create({
      model: CHAT_MODEL,
      messages: HELLO,
      max_completion_tokens: 3,
    });

    expect(choices[0]?.finish_reason).toBe('length');
  });

  it('fits a schema', async () => {
    const Answer = z.object({ city: z.string(), days: z.number() });
    const { choices } = await client.chat.completions.parse({
      model: CHAT_MODEL,
      messages: HELLO,
      response_format: zodResponseFormat(Answer, 'answer'),
    });

    expect(choices[0]?.message.parsed).toEqual({ city: expect.any(String), days: 0 });
  });
});

describe('tools', () => {
  const messages = [{ role: 'user' as const, content: 'Use the tool weather with {"city": "Oslo"}' }];

  it('are called by the model and answered by the client', async () => {
    const { choices } = await client.chat.completions.create({ model: CHAT_MODEL, messages, tools: [WEATHER] });
    const said = choices[0]?.message;
    const [call] = said?.tool_calls ?? [];
    if (!said || call?.type !== 'function') throw new Error('No function was called.');
    const answered = { role: 'tool' as const, tool_call_id: call.id, content: 'It rains in Oslo.' };
    const end = await client.chat.completions.create({
      model: CHAT_MODEL,
      messages: [...messages, said, answered],
      tools: [WEATHER],
    });

    expect(JSON.parse(call.function.arguments)).toEqual({ city: 'Oslo' });
    expect(choices[0]?.finish_reason).toBe('tool_calls');
    expect(end.choices[0]?.message.content).toBe('It rains in Oslo.');
  });

  it('are called in a stream, piece by piece', async () => {
    const stream = client.chat.completions.stream({ model: CHAT_MODEL, messages, tools: [WEATHER] });
    const [call] = (await stream.finalMessage()).tool_calls ?? [];

    expect(call).toMatchObject({ function: { name: 'weather', arguments: '{"city": "Oslo"}' } });
  });
});

describe('a call', () => {
  it.each([false, true])(
    'is on record when it is done, by who, what and where, with no word of it (stream: %s)',
    async (stream) => {
      const auditor = await tenant.person(['Auditor'], { apiUrl: app.url });
      const caller = await tenant.person(['Member'], { apiUrl: app.url });
      const response = await caller.fetch('/openai/v1/chat/completions', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          model: CHAT_MODEL,
          messages: [{ role: 'user', content: 'My secret is a walrus' }],
          stream,
        }),
      });
      await response.text();
      const { items } = await auditor.must<{ items: AuditItem[] }>(
        'GET',
        `/api/v1/admin/audit?action=model.called&actor=${caller.oid}`,
      );
      const upstream = (await app.requests()).at(-1);

      expect(items).toHaveLength(1);
      expect(items[0]).toMatchObject({
        outcome: 'allowed',
        subject: CHAT_MODEL,
        traceId: response.headers.get('x-trace-id'),
        details: {
          operation: 'chat',
          model: CHAT_MODEL,
          region: 'here',
          stream,
          finishReason: 'stop',
          inputTokens: upstream?.promptTokens,
          outputTokens: upstream?.completionTokens,
        },
      });
      expect(JSON.stringify(items)).not.toContain('walrus');
    },
  );

  it('is paid for by who left before its end', async () => {
    const quitter = await tenant.person(['Member', 'FinanceViewer'], { apiUrl: app.url });
    await app.pace({ tokensPerSecond: 20 });
    const stream = await openAiClient(app.url, quitter).chat.completions.create({
      model: CHAT_MODEL,
      messages: HELLO,
      stream: true,
    });
    for await (const _ of stream) break;
    await app.pace({});
    const upstream = await eventually(async () => (await app.requests()).findLast(({ stream }) => stream));

    const day = new Date().toISOString().slice(0, 10);
    const { total } = await eventually(async () => {
      const report = await quitter.must<UsageReport>(
        'GET',
        `/api/v1/admin/usage?from=${new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)}&to=${day}&groupBy=user`,
      );
      const mine = report.groups.find(({ group }) => group === quitter.oid);
      return mine ? { total: mine } : undefined;
    });
    expect(total).toMatchObject({ calls: 1, estimatedTokens: 0, inputTokens: upstream.promptTokens });
    expect(total.outputTokens).toBeGreaterThan(10);
  });
});
