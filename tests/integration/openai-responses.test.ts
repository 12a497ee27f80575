import type OpenAI from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import type { ResponseInputItem, ResponseStreamEvent } from 'openai/resources/responses/responses';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CHAT_MODEL, errorOf, type OpenAiApp, openAiClient, startOpenAiApp } from './support/openai-app.ts';
import { onboardTenant } from './support/platform.ts';

const WEATHER = {
  type: 'function' as const,
  name: 'weather',
  strict: null,
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const ASK_FOR_WEATHER = 'Use the tool weather with {"city": "Oslo"}';

let app: OpenAiApp;
let client: OpenAI;

beforeAll(async () => {
  app = await startOpenAiApp();
  const member = await (await onboardTenant()).person(['Member'], { apiUrl: app.url });
  client = openAiClient(app.url, member);
});
afterAll(() => app?.stop());

describe('a response', () => {
  it('is the answer of the model', async () => {
    const response = await client.responses.create({ model: CHAT_MODEL, instructions: 'Be brief.', input: 'Hello' });

    expect(response.output_text).toContain('local-extractive');
    expect(response).toMatchObject({ object: 'response', status: 'completed', store: false, model: CHAT_MODEL });
    expect(response.usage?.total_tokens).toBeGreaterThan(0);
  });

  it('streams in the order that the official client checks', async () => {
    const events: ResponseStreamEvent[] = [];
    const stream = client.responses.stream({ model: CHAT_MODEL, input: 'Hello' });
    for await (const event of stream) events.push(event);
    const final = await stream.finalResponse();

    expect(final.output_text).toContain('local-extractive');
    expect(events[0]?.type).toBe('response.created');
    expect(events.at(-1)?.type).toBe('response.completed');
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
    expect(final.usage?.output_tokens).toBeGreaterThan(0);
  });

  it('calls functions and takes what came of them', async () => {
    const first = await client.responses.create({ model: CHAT_MODEL, input: ASK_FOR_WEATHER, tools: [WEATHER] });
    const call = first.output.find((item) => item.type === 'function_call');
    if (!call) throw new Error('No function was called.');
    const input: ResponseInputItem[] = [
      { role: 'user', content: ASK_FOR_WEATHER },
      ...(first.output as ResponseInputItem[]),
      { type: 'function_call_output', call_id: call.call_id, output: 'It rains in Oslo.' },
    ];
    const second = await client.responses.create({ model: CHAT_MODEL, input, tools: [WEATHER] });

    expect(JSON.parse(call.arguments)).toEqual({ city: 'Oslo' });
    expect(second.output_text).toBe('It rains in Oslo.');
  });

  it('streams the arguments of a function', async () => {
    const stream = client.responses.stream({ model: CHAT_MODEL, input: ASK_FOR_WEATHER, tools: [WEATHER] });
    const { output } = await stream.finalResponse();

    expect(output).toMatchObject([{ type: 'function_call', name: 'weather', arguments: '{"city": "Oslo"}' }]);
  });

  it('fits a schema', async () => {
    const format = zodTextFormat(z.object({ city: z.string() }), 'answer');
    const response = await client.responses.parse({ model: CHAT_MODEL, input: 'Hello', text: { format } });

    expect(response.output_parsed).toEqual({ city: expect.stringContaining('local-extractive') });
  });

  it('says that it is incomplete', async () => {
    const response = await client.responses.create({ model: CHAT_MODEL, input: 'Hello', max_output_tokens: 2 });

    expect(response).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
  });

  it('fails as an error before it has begun, and as an event after', async () => {
    await app.fail({ kind: 'content-filter-prompt' });
    const before = await errorOf(client.responses.create({ model: CHAT_MODEL, input: 'Hello' }));
    await app.fail({ kind: 'error-in-stream', afterTokens: 3 });
    const stream = await client.responses.create({ model: CHAT_MODEL, input: 'Hello', stream: true });
    let said = '';
    const after = await errorOf(
      (async () => {
        for await (const event of stream) if (event.type === 'response.output_text.delta') said += event.delta;
      })(),
    );

    expect(before).toMatchObject({ status: 400, code: 'content_filter' });
    expect(said.length).toBeGreaterThan(0);
    expect(after.code).toBe('upstream_failed');
  });

  it('is not kept, and says so to who counts on it', async () => {
    const asked = { model: CHAT_MODEL, input: 'Hello', previous_response_id: 'resp_1' };

    expect(await errorOf(client.responses.create(asked))).toMatchObject({
      status: 400,
      param: 'previous_response_id',
      message: expect.stringContaining('send the whole conversation'),
    });
  });
});
