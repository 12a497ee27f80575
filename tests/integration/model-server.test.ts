import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import OpenAI, { APIError, AzureOpenAI } from 'openai';
import type { ChatCompletionMessageParam } from 'openai/resources';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Emulator } from '../../local/emulators/emulator.ts';
import { startModelServer } from '../../local/emulators/model-server/server.ts';

const model = 'local-extractive';
const messages: ChatCompletionMessageParam[] = [
  {
    role: 'system',
    content:
      'Answer from the passages.\n<passage id="1" title="Travel policy" section="Meals">\nDinner is reimbursed up to 45 € per évening. Lunch is reimbursed up to 25 €.\n</passage>',
  },
  { role: 'user', content: 'What is reimbursed for dinner?' },
];
const answer = 'Dinner is reimbursed up to 45 € per évening. [1]';

let directory: string;
let server: Emulator;
let azure: AzureOpenAI;
let openai: OpenAI;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'model-server-'));
  server = await startModelServer({ port: 0, stateDirectory: directory });
  azure = new AzureOpenAI({ endpoint: server.url, apiKey: 'any', apiVersion: '2024-10-21', maxRetries: 0 });
  openai = new OpenAI({ baseURL: `${server.url}/openai/v1`, apiKey: 'any', maxRetries: 0 });
});

afterEach(async () => {
  await control('DELETE', 'failures');
  await control('DELETE', 'requests');
  await control('PUT', 'settings', {});
});

afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true });
});

async function control(method: string, name: string, body?: unknown) {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await fetch(`${server.url}/_control/${name}`, init);
  expect(response.status).toBe(200);
  return response.json();
}

const fail = (failure: Record<string, unknown>) => control('POST', 'failures', [failure]);

async function streamed(client: OpenAI, options: Partial<OpenAI.ChatCompletionCreateParamsStreaming> = {}) {
  const stream = await client.chat.completions.create({ model, messages, stream: true, ...options });
  const chunks: OpenAI.ChatCompletionChunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return { chunks, text: chunks.map((chunk) => chunk.choices[0]?.delta?.content ?? '').join('') };
}

const refusal = async (call: Promise<unknown>): Promise<APIError> => {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof APIError)) throw new Error('The call was not refused.', { cause: error });
  return error;
};

describe('the API', () => {
  it('lists its deployments on both paths', async () => {
    const names = ['local-extractive', 'local-extractive-large', 'local-embedding', 'local-hashing-embedding'];
    expect((await openai.models.list()).data.map(({ id }) => id)).toEqual(names);
    expect((await azure.models.list()).data.map(({ id }) => id)).toEqual(names);
    expect(await openai.models.retrieve(model)).toMatchObject({ id: model, owned_by: 'local' });
  });

  it('refuses requests as Azure does', async () => {
    const post = (path: string, headers: Record<string, string>, body: string) =>
      fetch(`${server.url}${path}`, { method: 'POST', headers, body });
    const key = { authorization: 'Bearer token' };
    const chat = `/openai/deployments/${model}/chat/completions`;

    const withoutKey = await post(`${chat}?api-version=1`, {}, '{}');
    expect([withoutKey.status, await withoutKey.json()]).toMatchObject([401, { error: { code: '401' } }]);
    expect((await post(chat, key, '{}')).status).toBe(404);
    const unparsable = await post(`${chat}?api-version=1`, key, '{');
    expect([unparsable.status, await unparsable.json()]).toMatchObject([400, { error: { code: 'invalid_json' } }]);
    const empty = await post(`${chat}?api-version=1`, key, '{"messages":[]}');
    expect([empty.status, await empty.json()]).toMatchObject([400, { error: { param: 'messages' } }]);
    expect((await post(`${chat}?api-version=1`, key, ' '.repeat(17 * 1024 * 1024))).status).toBe(413);

    const unknown = await refusal(azure.chat.completions.create({ model: 'gpt-9', messages }));
    expect([unknown.status, unknown.code]).toEqual([404, 'DeploymentNotFound']);
    const wrongKind = await refusal(openai.embeddings.create({ model, input: 'text' }));
    expect([wrongKind.status, wrongKind.code]).toEqual([400, 'OperationNotSupported']);
  });

  it('refuses a prompt that is longer than its context window', async () => {
    const long = await refusal(
      openai.chat.completions.create({ model, messages: [{ role: 'user', content: 'many words '.repeat(20_000) }] }),
    );
    expect([long.status, long.code]).toEqual([400, 'context_length_exceeded']);
    expect(long.message).toContain('16384 tokens');
  });
});

describe('chat', () => {
  it('answers in one piece with usage, filter results and headers', async () => {
    const { data, response } = await azure.chat.completions.create({ model, messages }).withResponse();
    expect(data).toMatchObject({
      object: 'chat.completion',
      model,
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: answer } }],
      usage: { prompt_tokens_details: { cached_tokens: 0 } },
    });
    expect(data).toHaveProperty('prompt_filter_results');
    expect(data.usage?.total_tokens).toBe((data.usage?.prompt_tokens ?? 0) + (data.usage?.completion_tokens ?? 0));
    expect(response.headers.get('x-request-id')).toBeTruthy();
    expect(response.headers.get('x-ms-region')).toBe('local');
    expect(response.headers.get('x-ratelimit-remaining-tokens')).toBeTruthy();
  });

  it('streams the same words, with usage when asked', async () => {
    const { chunks, text } = await streamed(azure, { stream_options: { include_usage: true } });
    expect(text).toBe(answer);
    expect(chunks[0]).toMatchObject({ choices: [], prompt_filter_results: [{ prompt_index: 0 }] });
    expect(chunks[1]?.choices[0]?.delta.role).toBe('assistant');
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop');
    const whole = await openai.chat.completions.create({ model, messages });
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: whole.usage?.total_tokens } });
    expect((await streamed(openai)).chunks.every(({ usage }) => usage === undefined)).toBe(true);
  });

  it('obeys token limits, stop words and the number of choices', async () => {
    const short = await openai.chat.completions.create({ model, messages, max_completion_tokens: 3, n: 2 });
    expect(short.choices.map(({ finish_reason }) => finish_reason)).toEqual(['length', 'length']);
    expect(short.usage?.completion_tokens).toBe(6);
    const stopped = await openai.chat.completions.create({ model, messages, stop: ['up to'] });
    expect(stopped.choices[0]?.message.content).toBe('Dinner is reimbursed ');
  });

  it('says when the passages do not answer, and who it is when there are none', async () => {
    const [instructions] = messages as [ChatCompletionMessageParam];
    const ask = async (...asked: ChatCompletionMessageParam[]) =>
      (await openai.chat.completions.create({ model, messages: asked })).choices[0]?.message.content;
    expect(await ask(instructions, { role: 'user', content: 'How do I bake bread?' })).toBe(
      'The documents do not say.',
    );
    expect(await ask({ role: 'user', content: 'Hello!' })).toContain('local-extractive');
    expect(
      await ask(
        { role: 'system', content: 'Write a title of at most six words for this conversation.' },
        { role: 'user', content: 'How much can I spend on dinner in Paris?' },
      ),
    ).toBe('Spend dinner Paris');
  });

  it('counts a long prompt that it has seen before as cached', async () => {
    const long: ChatCompletionMessageParam[] = [{ role: 'user', content: 'one two three '.repeat(500) }];
    await openai.chat.completions.create({ model, messages: long });
    const { usage } = await openai.chat.completions.create({ model, messages: long });
    expect(usage?.prompt_tokens_details?.cached_tokens).toBeGreaterThanOrEqual(1024);
  });

  it('fits its answer into a JSON schema', async () => {
    const schema = { type: 'object', properties: { answer: { type: 'string' }, sure: { type: 'boolean' } } };
    const { choices } = await openai.chat.completions.create({
      model,
      messages,
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } },
    });
    expect(JSON.parse(choices[0]?.message.content ?? '')).toEqual({ answer, sure: false });
  });
});

describe('tools', () => {
  const parameters = { type: 'object', properties: { query: { type: 'string' } } };
  const tools: OpenAI.ChatCompletionTool[] = ['search', 'weather'].map((name) => ({
    type: 'function',
    function: { name, parameters },
  }));

  it('calls the tools that the user names, and streams their arguments', async () => {
    const content = 'Use the tool search with {"query":"a {b}"} and the tool weather with {"query":"Paris"}';
    const { chunks } = await streamed(openai, { tools, messages: [{ role: 'user', content }] });
    const calls: string[] = [];
    for (const call of chunks.flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? [])) {
      calls[call.index] = (calls[call.index] ?? call.function?.name) + (call.function?.arguments ?? '');
    }
    expect(calls).toEqual(['search{"query":"a {b}"}', 'weather{"query":"Paris"}']);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('tool_calls');
  });

  it('calls the tool that it is forced to call, and answers from what the tool says', async () => {
    const asked: ChatCompletionMessageParam[] = [{ role: 'user', content: 'What is reimbursed for dinner?' }];
    const { choices } = await openai.chat.completions.create({
      model,
      messages: asked,
      tools,
      tool_choice: { type: 'function', function: { name: 'search' } },
    });
    const message = choices[0]?.message;
    const [call] = message?.tool_calls ?? [];
    if (!message || call?.type !== 'function') throw new Error('No function was called.');
    expect(JSON.parse(call.function.arguments)).toEqual({ query: 'What is reimbursed for dinner?' });

    const result = '<passage id="4" title="Meals">Dinner is reimbursed up to 45 €.</passage>';
    const after = await openai.chat.completions.create({
      model,
      messages: [...asked, message, { role: 'tool', tool_call_id: call.id, content: result }],
      tools,
    });
    expect(after.choices[0]?.message.content).toBe('Dinner is reimbursed up to 45 €. [4]');
  });
});

describe('embeddings', () => {
  const dot = (one: number[] = [], other: number[] = []) =>
    one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);

  it('puts texts with a like meaning near to each other', { timeout: 30_000 }, async () => {
    const input = [
      'How many vacation days do I have?',
      'Annual leave is 28 days per year.',
      'The pump is made of steel.',
    ];
    const { data, usage } = await azure.embeddings.create({ model: 'local-embedding', input });
    const [question, near, far] = data.map(({ embedding }) => embedding);
    expect(question).toHaveLength(512);
    expect(dot(question, question)).toBeCloseTo(1, 5);
    expect(dot(question, near)).toBeGreaterThan(dot(question, far) + 0.1);
    expect(usage.prompt_tokens).toBeGreaterThan(15);
  });

  it('reads a long text to its end', { timeout: 30_000 }, async () => {
    const beginning = 'The travel policy applies to every business trip of every employee of the company. '.repeat(15);
    const input = [`${beginning}Bananas are yellow fruit.`, `${beginning}The server room is locked at night.`];
    const { data } = await openai.embeddings.create({ model: 'local-embedding', input });
    expect(dot(data[0]?.embedding, data[1]?.embedding)).toBeLessThan(0.9999);
  });

  it('gives the same vectors as floats and as base64', async () => {
    const request = { model: 'local-hashing-embedding', input: 'Invoices are paid within 45 days' };
    const encoded = await openai.embeddings.create(request);
    const floats = await openai.embeddings.create({ ...request, encoding_format: 'float' });
    expect(encoded.data[0]?.embedding).toEqual(floats.data[0]?.embedding);
    expect(dot(floats.data[0]?.embedding, floats.data[0]?.embedding)).toBeCloseTo(1, 5);
  });

  it.each([
    [{ input: '' }, 'empty'],
    [{ input: [] }, 'empty'],
    [{ input: [1, 2, 3] }, 'Arrays of tokens'],
    [{ input: new Array<string>(2049).fill('a') }, '2048'],
    [{ input: 'a', dimensions: 256 }, '512 dimensions'],
    [{ input: 'word '.repeat(9000) }, 'maximum context length'],
  ])('refuses input number %#', async (request, reason) => {
    const error = await refusal(openai.embeddings.create({ model: 'local-embedding', ...request }));
    expect(error.status).toBe(400);
    expect(error.message).toContain(reason);
  });
});

describe('failures on demand', () => {
  it.each([
    { header: 'retry-after-ms', value: '150' },
    { header: 'retry-after', value: '2' },
    { header: 'retry-after', value: 'Wed, 21 Oct 2026 07:28:00 GMT' },
  ])('throttles with $header: $value, then works again', async (retryAfter) => {
    await fail({ kind: 'throttle', operation: 'chat', retryAfter });
    const error = await refusal(openai.chat.completions.create({ model, messages }));
    expect([error.status, error.headers?.get(retryAfter.header)]).toEqual([429, retryAfter.value]);
    expect((await openai.chat.completions.create({ model, messages })).choices[0]?.message.content).toBe(answer);
  });

  it('throttles without a word about waiting, as often as told, only the deployment that is named', async () => {
    await fail({ kind: 'throttle', deployment: 'local-hashing-embedding', times: 2, retryAfter: null });
    await openai.chat.completions.create({ model, messages });
    const embed = () => openai.embeddings.create({ model: 'local-hashing-embedding', input: 'text' });
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const error = await refusal(embed());
      expect([error.status, error.headers?.has('retry-after')]).toEqual([429, false]);
    }
    await embed();
  });

  it.each([
    ['server-error', 500, 'InternalServerError'],
    ['content-filter-prompt', 400, 'content_filter'],
    ['context-too-long', 400, 'context_length_exceeded'],
  ])('refuses with %s when a header of the request says so', async (kind, status, code) => {
    const headers = { 'x-local-failure': kind };
    const error = await refusal(azure.chat.completions.create({ model, messages }, { headers }));
    expect([error.status, error.code]).toEqual([status, code]);
  });

  it('stops an answer in the content filter', async () => {
    await fail({ kind: 'content-filter-completion', times: 2, afterTokens: 2 });
    const { chunks, text } = await streamed(azure);
    expect(text).toBe('Dinner is');
    expect(chunks.at(-1)?.choices[0]).toMatchObject({
      finish_reason: 'content_filter',
      content_filter_results: { violence: { filtered: true } },
    });
    const whole = await azure.chat.completions.create({ model, messages });
    expect(whole.choices[0]).toMatchObject({ finish_reason: 'content_filter', message: { content: 'Dinner is' } });
  });

  it('cuts a stream, and reports an error inside of one', async () => {
    await fail({ kind: 'cut-stream', afterTokens: 1 });
    await expect(streamed(openai)).rejects.toThrow();
    await fail({ kind: 'error-in-stream', afterTokens: 1 });
    await expect(streamed(openai)).rejects.toThrow('The server had an error');
  });

  it('cuts an answer that is not streamed', async () => {
    await fail({ kind: 'cut-stream' });
    await expect(openai.chat.completions.create({ model, messages })).rejects.toThrow();
  });

  it('sends odd frames and torn characters without changing the answer', async () => {
    await fail({ kind: 'malformed-frames' });
    const stream = await openai.chat.completions.create({ model, messages, stream: true });
    const pieces: string[] = [];
    let withoutDelta = 0;
    for await (const { choices } of stream) {
      if (choices[0] && !choices[0].delta) withoutDelta += 1;
      pieces.push(choices[0]?.delta?.content ?? '');
    }
    expect([pieces.join(''), withoutDelta]).toEqual([answer, 1]);
    await fail({ kind: 'split-utf8' });
    expect((await streamed(openai)).text).toBe(answer);
  });

  it('lets a client wait for the first token, for a stalled stream and for its pace', async () => {
    const began = performance.now();
    await fail({ kind: 'slow-first-token', delayMs: 80 });
    expect((await streamed(openai)).text).toBe(answer);
    await fail({ kind: 'stall', delayMs: 80, afterTokens: 3 });
    expect((await streamed(openai)).text).toBe(answer);
    await control('PUT', 'settings', { tokensPerSecond: 100, firstTokenMs: 20 });
    expect((await streamed(openai)).text).toBe(answer);
    expect(performance.now() - began).toBeGreaterThan(80 + 80 + 20 + 70);
  });

  it('notices that a client has left a stalled stream', async () => {
    await fail({ kind: 'stall', afterTokens: 1 });
    const stream = await openai.chat.completions.create({ model, messages, stream: true });
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    await expect
      .poll(async () => (await control('GET', 'requests')).requests)
      .toMatchObject([{ failure: 'stall', aborted: true, finished: true, usageReported: false }]);
  });

  it('refuses a failure that it does not know', async () => {
    const response = await fetch(`${server.url}/_control/failures`, { method: 'POST', body: '[{"kind":"fire"}]' });
    expect(response.status).toBe(400);
  });
});

describe('the record of requests', () => {
  it('counts calls and sums the usage that was reported', async () => {
    const { usage } = await openai.chat.completions.create({ model, messages });
    await streamed(openai, { stream_options: { include_usage: true } });
    await streamed(openai);
    await refusal(openai.chat.completions.create({ model, messages }, { headers: { 'x-local-failure': 'throttle' } }));
    await expect
      .poll(async () => (await control('GET', 'requests')).deployments)
      .toEqual({
        [model]: {
          requests: 4,
          failed: 1,
          aborted: 0,
          promptTokens: 2 * (usage?.prompt_tokens ?? 0),
          completionTokens: 2 * (usage?.completion_tokens ?? 0),
          cachedTokens: 0,
        },
      });
  });
});

describe('regions', () => {
  it('share a server but neither failures nor prompt caches, and are told apart in the log', async () => {
    const at = (region: string) =>
      new OpenAI({ baseURL: `${server.url}/regions/${region}/openai/v1`, apiKey: 'any', maxRetries: 0 });
    await fail({ kind: 'throttle', region: 'north' });
    const long = [{ role: 'user' as const, content: 'word '.repeat(2_000) }];
    const ask = (region: string) => at(region).chat.completions.create({ model, messages: long }).withResponse();

    expect((await refusal(ask('north'))).status).toBe(429);
    expect((await ask('south')).response.headers.get('x-ms-region')).toBe('south');
    expect((await ask('south')).data.usage?.prompt_tokens_details?.cached_tokens).toBeGreaterThan(1_000);
    expect((await ask('north')).data.usage?.prompt_tokens_details?.cached_tokens).toBe(0);
    const { requests } = (await control('GET', 'requests')) as { requests: { region: string; status: number }[] };
    expect(requests.map(({ region, status }) => [region, status])).toEqual([
      ['north', 429],
      ['south', 200],
      ['south', 200],
      ['north', 200],
    ]);
  });
});

describe('the process', () => {
  it('says where it listens, and ends when its input closes', async () => {
    const entry = new URL('../../local/emulators/model-server/main.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, [entry, '--state-directory', directory], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    const { url } = JSON.parse(line);
    const response = await fetch(`${url}/openai/v1/models`, { headers: { 'api-key': 'any' } });
    expect(response.status).toBe(200);
    await response.arrayBuffer();
    child.stdin.end();
    expect(await exited).toEqual([0, null]);
  });

  it('says that a port is taken', async () => {
    const port = Number(new URL(server.url).port);
    await expect(startModelServer({ port, stateDirectory: directory })).rejects.toThrow('EADDRINUSE');
  });
});
