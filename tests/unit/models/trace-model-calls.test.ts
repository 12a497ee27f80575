import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ChatCatalogModel, ModelRoute } from '../../../shared/contracts/models.ts';
import type { Policy } from '../../../shared/contracts/policy.ts';
import { AppError } from '../../../shared/errors.ts';
import type { ChatModel, ChatModelEvent } from '../../../shared/models/chat-model.ts';
import type { GatewayAnswer, GatewayRequest, ModelGateway } from '../../../shared/models/model-gateway.ts';
import { traceChatModel } from '../../../shared/models/trace-chat-model.ts';
import { traceEmbeddingModel } from '../../../shared/models/trace-embedding-model.ts';
import { traceModelGateway } from '../../../shared/models/trace-model-gateway.ts';
import { withSpan } from '../../../shared/telemetry/span.ts';
import { pathsOf, recordSpans } from '../telemetry/recorded-spans.ts';

const QUESTION = 'How much does Ada earn?';
const ANSWER = 'Nobody may know.';
const usage = { inputTokens: 12, cachedInputTokens: 4, outputTokens: 5 };
const route: ModelRoute = {
  model: 'large',
  deployment: 'large-eu',
  region: 'westeurope',
  reason: 'asked',
  attempts: 2,
};
const catalogModel = { kind: 'chat', name: 'large' } as ChatCatalogModel;
const choice = { model: catalogModel, reason: 'asked' };
const request = {
  messages: [
    { role: 'system' as const, content: 'Be brief.' },
    { role: 'user' as const, content: QUESTION },
  ],
  maxOutputTokens: 100,
};
const userOf = (policy: Policy) => ({ tenantChain: [{ id: 'ten_1', policy }] as const });
const never = new AbortController().signal;

const answering: ChatModel = {
  async *stream(): AsyncGenerator<ChatModelEvent> {
    yield { type: 'route', route };
    await withSpan('attempt large-eu', {}, async () => undefined);
    yield { type: 'text', text: ANSWER };
    yield { type: 'finish', reason: 'stop', usage, model: 'large-2026' };
  },
};

async function drain(values: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const value of values) all.push(value);
  return all;
}

let recorded: ReturnType<typeof recordSpans>;
beforeAll(() => {
  recorded = recordSpans();
});
afterEach(() => recorded.forget());

describe('a traced chat model', () => {
  it('says what was asked for, what answered and what it took, and passes every event on', async () => {
    const events = await drain(traceChatModel(answering).stream(userOf({}), choice, request, never));
    expect(events).toHaveLength(3);
    expect(pathsOf(recorded.spans())).toEqual(['chat large > attempt large-eu', 'chat large']);
    const span = recorded.spans().at(-1);
    expect(span).toMatchObject({ kind: 2 });
    expect(span?.attributes).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'large',
      'gen_ai.request.max_tokens': 100,
      'gen_ai.request.stream': true,
      'gen_ai.response.model': 'large-2026',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.response.time_to_first_chunk': expect.any(Number),
      'gen_ai.usage.input_tokens': 12,
      'gen_ai.usage.cache_read.input_tokens': 4,
      'gen_ai.usage.output_tokens': 5,
      'platform.deployment': 'large-eu',
      'platform.region': 'westeurope',
      'platform.route.reason': 'asked',
      'platform.route.attempts': 2,
    });
  });

  it('holds what was said only of a tenant whose policy says so', async () => {
    await drain(traceChatModel(answering).stream(userOf({ traceMessageText: false }), choice, request, never));
    expect(JSON.stringify(recorded.spans().map(({ attributes, events }) => [attributes, events]))).not.toMatch(
      /Ada|Nobody/,
    );
    recorded.forget();

    await drain(traceChatModel(answering).stream(userOf({ traceMessageText: true }), choice, request, never));
    const attributes = recorded.spans().at(-1)?.attributes;
    expect(attributes?.['gen_ai.input.messages']).toContain(QUESTION);
    expect(JSON.parse(String(attributes?.['gen_ai.output.messages']))).toEqual([
      { role: 'assistant', parts: [{ type: 'text', content: ANSWER }], finish_reason: 'stop' },
    ]);
  });

  it('ends when its reader leaves, and fails when the model does', async () => {
    for await (const _ of traceChatModel(answering).stream(userOf({}), choice, request, never)) break;
    expect(recorded.spans().map(({ name }) => name)).toEqual(['chat large']);
    recorded.forget();

    const failing: ChatModel = {
      // biome-ignore lint/correctness/useYield: it fails before its first word.
      async *stream() {
        throw new AppError('content_filtered', QUESTION);
      },
    };
    const stream = traceChatModel(failing).stream(userOf({}), choice, request, never);
    await expect(drain(stream)).rejects.toMatchObject({ code: 'content_filtered' });
    expect(recorded.spans()[0]).toMatchObject({ status: { code: 2, message: 'content_filtered' } });
  });
});

describe('a traced gateway', () => {
  const gatewayWith = (send: ModelGateway['send']) => traceModelGateway({ send } as ModelGateway);
  const asked = { operation: 'chat', model: catalogModel, stream: true, reason: 'asked', body: {} } as GatewayRequest;

  it('has a span until the answer has ended', async () => {
    const outcome = Promise.withResolvers<Awaited<GatewayAnswer['outcome']>>();
    const answer = { route, contentType: 'text/event-stream', body: drained(), outcome: outcome.promise };
    await gatewayWith(async () => answer).send(userOf({}), asked, never);
    expect(recorded.spans()).toEqual([]);
    outcome.resolve({ usage, finishReason: null, failure: new AppError('upstream_failed', ANSWER) });
    await outcome.promise;
    expect(recorded.spans()[0]).toMatchObject({
      name: 'chat large',
      status: { code: 2, message: 'upstream_failed' },
      attributes: { 'gen_ai.usage.output_tokens': 5, 'platform.region': 'westeurope' },
    });
  });

  it('fails with what was asked', async () => {
    const refusing = gatewayWith(() => Promise.reject(new AppError('too_many_requests', 'Later.')));
    await expect(refusing.send(userOf({}), asked, never)).rejects.toMatchObject({ code: 'too_many_requests' });
    expect(recorded.spans()[0]).toMatchObject({ status: { message: 'too_many_requests' } });
  });
});

it('says what embedding took, and not what was embedded', async () => {
  const model = { name: 'small', dimensions: 3, embed: async () => ({ vectors: [[1, 2, 3]], inputTokens: 7 }) };
  await traceEmbeddingModel(model).embed(userOf({}), [QUESTION]);
  expect(recorded.spans()[0]).toMatchObject({
    name: 'embeddings small',
    attributes: { 'gen_ai.usage.input_tokens': 7, 'gen_ai.embeddings.dimension.count': 3, 'platform.texts': 1 },
  });
});

async function* drained(): AsyncGenerator<Uint8Array> {}
