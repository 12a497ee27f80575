import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createChatModel } from '../../shared/adapters/openai/chat-model.ts';
import { createModelDependency } from '../../shared/adapters/openai/dependency.ts';
import { createEmbeddingModel } from '../../shared/adapters/openai/embedding-model.ts';
import { BACKGROUND_LIMITS } from '../../shared/models/gateway-limits.ts';
import { indexingModel } from '../../shared/models/indexing-model.ts';
import { type Answer, json, type ScriptedServer, startScriptedServer } from './scripted-server.ts';
import { DONE, failure, finished, frame, open, stream, token, USAGE, whole } from './support/model-frames.ts';
import {
  catalogAt,
  collect as collectFrom,
  gatewayAt,
  type Place,
  quickChat,
  request,
  userWith,
} from './support/model-gateways.ts';

let server: ScriptedServer;

beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.stop());

const here = (place: Partial<Place> = {}) => ({ here: { url: server.url, key: 'secret', ...place } });
const collect = (limits = quickChat, signal?: AbortSignal, place: Partial<Place> = {}) =>
  collectFrom(gatewayAt(here(place), { limits }), signal && { signal });

describe('an answer', () => {
  it('streams as text and ends with what the service counted, in one request', async () => {
    server.answer(whole);
    const { text, finish, error } = await collect();
    expect({ text, error }).toEqual({ text: '30 days', error: null });
    const usage = { inputTokens: 12, cachedInputTokens: 8, outputTokens: 3 };
    expect(finish).toEqual({ type: 'finish', reason: 'stop', usage, model: 'chat' });
    expect(server.requests).toMatchObject([
      { path: '/openai/deployments/chat-1/chat/completions?api-version=2024-10-21', headers: { 'api-key': 'secret' } },
    ]);
    expect(JSON.parse(server.requests[0]?.body ?? '')).toMatchObject({
      ...{ stream: true, stream_options: { include_usage: true }, max_completion_tokens: 100 },
      messages: request.messages,
    });
  });

  it('comes as well from a service that only speaks the protocol', async () => {
    server.answer(whole);
    const place = { kind: 'openai', url: `${server.url}/v1` } as const;
    expect((await collect(quickChat, undefined, place)).text).toBe('30 days');
    expect(server.requests[0]?.path).toBe('/v1/chat/completions');
    expect(JSON.parse(server.requests[0]?.body ?? '')).toMatchObject({ model: 'chat-1', max_tokens: 100 });
  });

  it('survives frames without choices, delta or content', async () => {
    const odd = [
      { choices: [], prompt_filter_results: [] },
      {},
      { choices: [{}] },
      { choices: [{ delta: { content: null } }] },
    ];
    server.answer(stream(...odd.map(frame), ': comment\n\n', token('30 days'), finished('stop'), DONE));
    const { text, finish, error } = await collect();
    expect({ text, error }).toEqual({ text: '30 days', error: null });
    // Not counted by the service: four characters a token.
    expect(finish).toMatchObject({ usage: { inputTokens: 4, cachedInputTokens: 0, outputTokens: 2 } });
  });

  it.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['content_filter', 'content-filter'],
  ])('that ends by %s says %s', async (upstream, reason) => {
    server.answer(stream(token('a'), finished(upstream), USAGE, DONE));
    expect((await collect()).finish).toMatchObject({ reason });
  });
});

describe('a failure before the first text', () => {
  it.each([408, 429, 500, 503])('is tried again when it is %s', async (status) => {
    server.answer(failure(status, 'busy'), failure(status, 'busy'), whole);
    expect((await collect()).text).toBe('30 days');
    expect(server.requests).toHaveLength(3);
  });

  it('is tried again when the connection is cut or the stream begins with an error', async () => {
    const cut: Answer = (response) => void response.destroy();
    server.answer(cut, stream(frame({ error: { code: 'server_error', message: 'sorry' } })), whole);
    expect((await collect()).text).toBe('30 days');
    expect(server.requests).toHaveLength(3);
  });

  it('is final after three tries', async () => {
    server.answer(failure(429, 'busy', { 'retry-after-ms': '2' }));
    expect((await collect()).error).toMatchObject({ code: 'too_many_requests', retryAfterSeconds: 1 });
    expect(server.requests).toHaveLength(3);
    server.answer(failure(500, 'broken'));
    expect((await collect()).error).toMatchObject({ code: 'upstream_failed' });
    expect(server.requests).toHaveLength(3);
  });

  it('is final at once when the service asks for a longer wait than there is time', async () => {
    server.answer(failure(429, 'busy', { 'retry-after': '7' }), whole);
    const { error } = await collect({ ...quickChat, firstToken: 5_000 });
    expect(error).toMatchObject({ code: 'too_many_requests', retryAfterSeconds: 7 });
    expect(server.requests).toHaveLength(1);
  });

  it('waits as the service asks, in milliseconds, seconds or until a date', async () => {
    const soon = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 2_000);
    const forms: [Record<string, string>, number][] = [
      [{ 'retry-after-ms': '150' }, 149],
      [{ 'retry-after': '0.1' }, 99],
      [{ 'retry-after': soon.toUTCString() }, 100],
    ];
    for (const [headers, atLeast] of forms) {
      server.answer(failure(429, 'busy', headers), whole);
      const started = performance.now();
      expect((await collect()).text).toBe('30 days');
      expect(performance.now() - started).toBeGreaterThanOrEqual(atLeast);
    }
    expect(Date.now()).toBeGreaterThanOrEqual(soon.getTime());
  });

  it.each([
    [{ 'retry-after-ms': '20000' }],
    [{ 'retry-after': '86400' }],
    [{ 'retry-after': new Date(Date.now() + 60_000).toUTCString() }],
  ])('is final at once when the service asks for a longer wait than anybody likes: %o', async (headers) => {
    server.answer(failure(429, 'busy', headers as Record<string, string>), whole);
    expect((await collect()).error).toMatchObject({ code: 'too_many_requests' });
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    [400, 'content_filter', 'content_filtered', 'content filter'],
    [400, 'context_length_exceeded', 'context_too_long', 'more text'],
    [400, 'invalid', 'bad_request', 'invalid'],
    [401, 'denied', 'upstream_failed', 'AZURE_OPENAI_API_KEY'],
    [403, 'denied', 'upstream_failed', 'role'],
    [404, 'DeploymentNotFound', 'upstream_failed', 'chat-1'],
  ])('is final when it is %s %s', async (status, upstream, code, advice) => {
    server.answer(failure(status, upstream));
    expect((await collect()).error).toMatchObject({ code, message: expect.stringContaining(advice) });
    expect(server.requests).toHaveLength(1);
  });

  it('names the setting when nothing listens there', async () => {
    const gone = await startScriptedServer();
    await gone.stop();
    const { error } = await collect(quickChat, undefined, { url: gone.url });
    expect(error).toMatchObject({
      code: 'dependency_unavailable',
      message: expect.stringContaining('AZURE_OPENAI_ENDPOINT'),
      retryAfterSeconds: 5,
    });
  });

  it('is a timeout when no text comes, whatever else does', async () => {
    server.answer((response) => open(response, frame({ choices: [] })));
    const { error } = await collect({ ...quickChat, firstToken: 60 });
    expect(error).toMatchObject({ code: 'upstream_timeout', message: expect.stringContaining('did not begin') });
    expect(server.requests).toHaveLength(1);
  });
});

describe('a failure after the first text', () => {
  it.each([
    ['a cut connection', (response: ServerResponse) => response.destroy(), 'upstream_failed'],
    ['a stream without an end', (response: ServerResponse) => response.end(), 'upstream_failed'],
    [
      'an error frame',
      (response: ServerResponse) => response.end(frame({ error: { message: 'sorry' } })),
      'upstream_failed',
    ],
    ['a broken frame', (response: ServerResponse) => response.end('data: {"choices"\n\n'), 'upstream_failed'],
    [
      'a filter',
      (response: ServerResponse) => response.end(frame({ error: { code: 'content_filter' } })),
      'content_filtered',
    ],
    ['silence', () => undefined, 'upstream_timeout'],
  ])('keeps the text and is not tried again: %s', async (_name, end, code) => {
    server.answer((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(token('30'), () => setImmediate(() => end(response)));
    });
    const { text, error } = await collect({ ...quickChat, stall: code === 'upstream_timeout' ? 100 : 30_000 });
    expect(text).toBe('30');
    expect(error).toMatchObject({ code });
    expect(server.requests).toHaveLength(1);
  });

  it('ends an answer that takes too long although it never falls silent', async () => {
    server.answer(async (response) => {
      open(response);
      while (!response.destroyed) {
        response.write(token('x'));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    });
    expect((await collect({ ...quickChat, total: 100 })).error).toMatchObject({
      message: expect.stringContaining('long'),
    });
  });
});

describe('giving up', () => {
  const streamed = (signal: AbortSignal) => {
    const gateway = gatewayAt(here());
    const choice = gateway.choose(userWith(), { model: undefined, inputTokens: 10, needs: [] });
    return createChatModel(gateway).stream(userWith(), choice, request, signal);
  };

  const closing = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    server.answer((response) => {
      response.on('close', resolve);
      open(response, token('30'));
    });
    return promise;
  };

  it('closes the connection and rejects with the reason', async () => {
    const closed = closing();
    const stop = new AbortController();
    const answer = streamed(stop.signal)[Symbol.asyncIterator]();
    expect(await answer.next()).toMatchObject({ value: { type: 'route' } });
    expect(await answer.next()).toMatchObject({ value: { type: 'text', text: '30' } });
    const next = answer.next();
    stop.abort(new Error('stopped'));
    await expect(next).rejects.toThrow('stopped');
    await closed;
  });

  it('closes the connection when the reader stops reading', async () => {
    const closed = closing();
    for await (const event of streamed(new AbortController().signal)) {
      if (event.type === 'text') break;
    }
    await closed;
  });

  it('ends the wait between two tries, and asks nothing when it came before the call', async () => {
    const stop = new AbortController();
    server.answer((response, seen) => {
      setImmediate(() => stop.abort(new Error('stopped')));
      return failure(429, 'busy', { 'retry-after': '5' })(response, seen);
    });
    expect((await collect(quickChat, stop.signal)).error).toMatchObject({ message: 'stopped' });
    server.answer(whole);
    expect((await collect(quickChat, stop.signal)).error).toMatchObject({ message: 'stopped' });
    expect(server.requests).toHaveLength(0);
  });
});

describe('embeddings', () => {
  const quick = { ...BACKGROUND_LIMITS, firstDelay: 1 };
  const embedding = (limits = quick, dimensions = 2) => {
    const model = { ...indexingModel(catalogAt(here())), dimensions };
    return createEmbeddingModel(gatewayAt(here(), { limits }), model);
  };
  const user = userWith();
  const texts = (count: number) => Array.from({ length: count }, (_, index) => String(index));

  /** Each text's vector holds its number; the answer is in reverse, and in base64 as the client asks. */
  const embed: Answer = (response, seen) => {
    const { input } = JSON.parse(seen.body) as { input: string[] };
    const data = input.map((text, index) => ({
      index,
      embedding: Buffer.from(Float32Array.of(Number(text), 1).buffer).toString('base64'),
    }));
    return json(200, { data: data.reverse(), usage: { prompt_tokens: input.length } })(response, seen);
  };

  it('keep the order of the texts over batches of 64, and add up the usage', async () => {
    server.answer(embed);
    const { vectors, inputTokens } = await embedding().embed(user, texts(130));
    expect(vectors.map(([number]) => number)).toEqual(Array.from({ length: 130 }, (_, index) => index));
    expect(inputTokens).toBe(130);
    expect(server.requests.map(({ body }) => JSON.parse(body).input.length)).toEqual([64, 64, 2]);
    expect(server.requests[0]?.path).toBe('/openai/deployments/embed-1/embeddings?api-version=2024-10-21');
    server.answer(embed);
    expect(await embedding().embed(user, [])).toEqual({ vectors: [], inputTokens: 0 });
    expect(server.requests).toHaveLength(0);
  });

  it('are tried five times while the service is throttled', async () => {
    const busy = failure(429, 'busy', { 'retry-after-ms': '1' });
    server.answer(busy, busy, busy, busy, embed);
    expect((await embedding().embed(user, ['7'])).vectors).toEqual([[7, 1]]);
    server.answer(busy);
    const throttled = embedding().embed(user, ['7']);
    await expect(throttled).rejects.toMatchObject({ code: 'too_many_requests' });
    expect(server.requests).toHaveLength(5);
  });

  it('wait for another minute when no deployment has room in this one, and ask nobody', async () => {
    const catalog = catalogAt(here());
    const model = indexingModel(catalog);
    const limited = { ...model, deployments: model.deployments.map((each) => ({ ...each, tokensPerMinute: 100 })) };
    const now = () => new Date('2026-11-23T12:00:40Z');
    const models = [...catalog.models.filter(({ kind }) => kind === 'chat'), limited];
    const gateway = gatewayAt(here(), { catalog: { ...catalog, models }, limits: quick, now });
    const background = createEmbeddingModel(gateway, limited);
    expect(background.request).toEqual({ texts: 64, tokens: 25 });
    server.answer(json(200, { data: [{ index: 0, embedding: [1, 1] }], usage: { prompt_tokens: 80 } }));
    await background.embed(user, ['a'.repeat(200)]);
    await expect(background.embed(user, ['a'.repeat(200)])).rejects.toMatchObject({
      code: 'too_many_requests',
      retryAfterSeconds: 20,
    });
    expect(server.requests).toHaveLength(1);
  });

  it('are refused when they have another length or number than asked for', async () => {
    server.answer(embed);
    const long = embedding(quick, 3).embed(user, ['1']);
    await expect(long).rejects.toMatchObject({ message: expect.stringContaining('EMBEDDING_DIMENSIONS') });
    server.answer(json(200, { data: [], usage: { prompt_tokens: 0 } }));
    const few = embedding().embed(user, ['1']);
    await expect(few).rejects.toMatchObject({ code: 'upstream_failed' });
  });

  it('fail typed when they come too late, and with the reason when given up', async () => {
    server.answer(() => undefined);
    const late = embedding({ ...quick, firstToken: 50 }).embed(user, ['1']);
    await expect(late).rejects.toMatchObject({ code: 'upstream_timeout' });
    const stopped = embedding().embed(user, ['1'], AbortSignal.abort(new Error('stopped')));
    await expect(stopped).rejects.toThrow('stopped');
    expect(server.requests).toHaveLength(1);
  });
});

describe("the models' health", () => {
  it('is good when the service answers, and names the setting when it refuses', async () => {
    const check = () =>
      createModelDependency(catalogAt(here()), new Map([['here', 'secret']])).check(AbortSignal.timeout(2_000));
    server.answer(json(200, { data: [] }));
    await check();
    server.answer(failure(404, 'no such path'));
    await check();
    server.answer(failure(401, 'denied'));
    await expect(check()).rejects.toMatchObject({ message: expect.stringContaining('AZURE_OPENAI_API_KEY') });
  });
});
