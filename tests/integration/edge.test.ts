import pLimit from 'p-limit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { App } from '../../local/stack.ts';
import type { Problem } from '../../shared/contracts/problem.ts';
import type { DeclaredOperation } from '../../shared/edge/operation.ts';
import { declaredRoutes } from './support/declared-routes.ts';
import { createKnowledgeBase, onboardTenant, stack, startAnotherApp, type TestPerson } from './support/platform.ts';

/** The host refuses more than 200. */
const CONCURRENT_REQUESTS = 50;
const MEBIBYTE = 1024 * 1024;
const DEEP = 100_000;
const ULID = '01JD3Q5V4M8K2N6P9R1S7T0W3X';
const JSON_TYPE = 'application/json';

let person: TestPerson;
let routes: readonly DeclaredOperation[];

beforeAll(async () => {
  person = await (await onboardTenant()).person(['TenantAdmin']);
  routes = await declaredRoutes();
});

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly problem: Problem;
}

async function send(path: string, body: BodyInit | null, headers: Record<string, string> = {}, method = 'POST') {
  const init = { method, headers: { 'content-type': JSON_TYPE, ...headers }, body };
  const response = await person.fetch(path, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, problem: text && JSON.parse(text) } as Answer;
}

function expectProblem({ status, headers, problem }: Answer, expected: number, code: string) {
  expect(problem).toMatchObject({ status: expected, code, traceId: headers.get('x-trace-id') });
  expect(status).toBe(expected);
  expect(headers.get('content-type')).toBe('application/problem+json');
}

const search = (body: BodyInit, headers?: Record<string, string>) => send('/api/v1/query', body, headers);

describe('a body', () => {
  it('of more than a mebibyte is too large, whether its length is announced or not', async () => {
    const large = JSON.stringify({ query: 'x'.repeat(MEBIBYTE) });
    const chunked = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from(large));
        controller.close();
      },
    });

    expectProblem(await search(large), 413, 'payload_too_large');
    const response = await person.fetch('/api/v1/query', {
      method: 'POST',
      headers: { 'content-type': JSON_TYPE },
      body: chunked,
      duplex: 'half',
    } as RequestInit);
    expect(response.status).toBe(413);
    await response.body?.cancel();
  });

  it.each([
    ['of somebody who is not signed in', { authorization: '' }, 401],
    ['that is too large', {}, 413],
    ['of a media type that is not read', { 'content-type': 'text/plain' }, 415],
  ])('%s keeps nobody waiting who comes after it', async (_, headers, status) => {
    const large = JSON.stringify({ query: 'x'.repeat(3 * MEBIBYTE) });
    for (let round = 0; round < 3; round += 1) {
      expect((await search(large, headers)).status).toBe(status);
      const signal = AbortSignal.timeout(10_000);
      const next = await Promise.all([1, 2, 3].map(() => fetch(`${stack.apiUrl}/health/live`, { signal })));
      expect(next.map((response) => response.status)).toEqual([200, 200, 200]);
    }
  });

  it.each([['text/plain'], ['application/x-www-form-urlencoded'], ['application/jsonx'], ['']])(
    'of the media type "%s" is not read',
    async (type) => {
      expectProblem(await search('{"query":"x"}', { 'content-type': type }), 415, 'unsupported_media_type');
    },
  );

  it.each([['application/json; charset=utf-8'], ['APPLICATION/JSON'], ['application/merge-patch+json']])(
    'of the media type "%s" is read',
    async (type) => {
      expect((await search('{"query":"x"}', { 'content-type': type })).status).toBe(200);
    },
  );

  it('that is encoded is not read', async () => {
    expectProblem(await search('{"query":"x"}', { 'content-encoding': 'gzip' }), 415, 'unsupported_media_type');
  });

  it.each<[string, BodyInit]>([
    ['no JSON', '{"query":'],
    ['nothing', ''],
    ['JSON with something behind', '{"query":"x"} x'],
    ['no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
  ])('that is %s is refused', async (_name, body) => {
    expectProblem(await search(body), 400, 'bad_request');
  });

  it('that is nested very deeply is refused', async () => {
    const deep = `${'['.repeat(400_000)}${']'.repeat(400_000)}`;

    expectProblem(await search(deep), 400, 'validation_failed');
    expectProblem(await search(`{"query":${deep}}`), 400, 'validation_failed');
    expectProblem(await send('/api/v1/chat', `{"message":"x","extra":${deep}}`), 400, 'validation_failed');
  });

  it('gets every wrong field named by its path', async () => {
    const wrong = { query: '', limit: 0, knowledgeBaseIds: ['kb_1'], colour: 'red' };
    const { problem } = await search(JSON.stringify(wrong));

    expect(problem.errors?.map(({ path }) => path)).toEqual(['query', 'limit', 'knowledgeBaseIds.0', 'colour']);
  });

  it('gets its wrong fields named also where it may have two shapes', async () => {
    const answer = await send('/api/v1/chat', JSON.stringify({ message: 'x', sessionId: 'wrong' }));

    expectProblem(answer, 400, 'validation_failed');
    expect(answer.problem.errors?.map(({ path }) => path)).toEqual(['sessionId']);
  });

  it.each(['{"query":"x","__proto__":{"limit":1}}', '{"query":"x","constructor":{"prototype":{"limit":1}}}'])(
    'cannot reach a prototype: %s',
    async (body) => {
      expectProblem(await search(body), 400, 'validation_failed');
      expect((await search('{"query":"x"}')).status).toBe(200);
    },
  );

  it('of any wrong type is refused by every route, and the process lives', async () => {
    const withBody = routes.filter(({ body, form }) => body || form);
    const deep = `${'['.repeat(DEEP)}${']'.repeat(DEEP)}`;
    const long = `"${'x'.repeat(MEBIBYTE / 2)}"`;
    const hostile = ['[]', 'null', '"text"', '1', 'true', long, deep, `{"unknown":${deep}}`];
    const cases = withBody.flatMap((route) => [...hostile, ...hostileFields(route)].map((body) => ({ route, body })));
    const answers = await pLimit(CONCURRENT_REQUESTS).map(cases, async ({ route, body }) => {
      const { status, headers } = await send(pathOf(route), body, {}, route.method);
      const expectedType = route.errors === 'openai' ? JSON_TYPE : 'application/problem+json';
      const isRefused = status >= 400 && status < 500 && headers.get('content-type') === expectedType;
      return { route: route.name, body: body.slice(0, 60), status, isRefused };
    });

    expect(withBody.length).toBeGreaterThan(5);
    expect(answers.filter(({ isRefused }) => !isRefused)).toEqual([]);
    expect((await fetch(`${stack.apiUrl}/health/live`)).status).toBe(200);
  });

  it('has no field that is passed over in silence, but where the protocol of others may grow', () => {
    const isStrict = ({ body }: DeclaredOperation) =>
      body instanceof z.ZodObject && body.def.catchall instanceof z.ZodNever;
    const lenient = routes.filter((route) => route.body && !isStrict(route)).map(({ name }) => name);
    expect(lenient.toSorted()).toEqual([
      'chat',
      'chat-stream',
      'openai-chat-completions',
      'openai-embeddings',
      'openai-responses',
    ]);
  });

  it('that is a broken form is refused', async () => {
    const { id } = await createKnowledgeBase(person);
    const path = `/api/v1/knowledge-bases/${id}/documents`;
    const form = (content: string) => send(path, content, { 'content-type': 'multipart/form-data; boundary=b' });
    const field = '--b\r\nContent-Disposition: form-data; name="access"\r\n\r\n{}\r\n';

    expectProblem(await send(path, 'x', { 'content-type': 'multipart/form-data' }), 415, 'unsupported_media_type');
    expectProblem(await send(path, 'x', { 'content-type': 'multipart/form-data; charset=x' }), 400, 'bad_request');
    expectProblem(await form('no form'), 400, 'bad_request');
    expectProblem(await form(`${field}--b--\r\n`), 400, 'bad_request');
    const { body } = await person.upload<Problem>(path, 'a.txt', Buffer.from('A'), { visibility: 'nobody' });
    expect(body).toMatchObject({ status: 400, code: 'validation_failed', errors: [{ path: 'access.visibility' }] });
  });
});

/** One body for each field of a route's body, with a value that no field may have. */
function hostileFields({ body }: DeclaredOperation): string[] {
  const shape =
    body && 'shape' in body ? Object.keys(body.shape as object) : ['message', 'sessionId', 'id', 'messages'];
  const values = [-1, { $ne: null }, [[[]]], 'x'.repeat(200_000)];
  return shape.flatMap((name) => values.map((value) => JSON.stringify({ [name]: value })));
}

/** The path of a route with ids that are well-formed and name nothing. */
function pathOf({ route }: DeclaredOperation): string {
  const prefixes: Record<string, string> = {
    knowledgeBaseId: 'kb',
    documentId: 'doc',
    sessionId: 'ses',
    messageId: 'msg',
    runId: 'run',
  };
  return `/${route.replace(/\{(\w+)\}/g, (_, name: string) => `${prefixes[name] ?? name}_${ULID}`)}`;
}

describe('an address', () => {
  it.each([
    ['GET', '/api/v1/nothing'],
    ['GET', '/api/v1/knowledge-bases/x/y/z'],
    ['PUT', '/api/v1/chat'],
    ['DELETE', '/api/v1/me'],
    ['GET', '/api/v1/chat'],
  ])('without a route is not found: %s %s', async (method, path) => {
    const response = await person.fetch(path, { method });

    expect(response.status).toBe(404);
    await response.body?.cancel();
  });

  it.each(['kb_1', '..%2f..%2fetc', 'doc_01JD3Q5V4M8K2N6P9R1S7T0W3X', "kb_01JD3Q5V4M8K2N6P9R1S7T0W3X'%20or%201=1"])(
    'with the malformed id %s is refused',
    async (id) => {
      const { status, body } = await person.call<Problem>('GET', `/api/v1/knowledge-bases/${id}`);

      expect(status).toBe(400);
      expect(body).toMatchObject({ code: 'validation_failed', errors: [{ path: 'knowledgeBaseId' }] });
    },
  );

  it.each(['limit=0', 'limit=101', 'limit=x', 'continuation=a%20b', 'unknown=1'])(
    'with the query string %s is refused',
    async (query) => {
      expect((await person.call('GET', `/api/v1/sessions?${query}`)).status).toBe(400);
    },
  );
});

describe('an answer', () => {
  const traceId = '0af7651916cd43dd8448eb211c80319c';

  it('continues the trace of the request', async () => {
    const { headers } = await send('/api/v1/query', '{}', { traceparent: `00-${traceId}-b7ad6b7169203331-01` });

    expect(headers.get('x-trace-id')).toBe(traceId);
  });

  it.each([undefined, 'garbage', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`])(
    'starts a trace of its own for traceparent %s',
    async (traceparent) => {
      const headers: Record<string, string> = traceparent ? { traceparent } : {};
      const first = await person.call('GET', '/api/v1/me', undefined, headers);
      const second = await person.call('GET', '/api/v1/me', undefined, headers);

      expect(first.headers.get('x-trace-id')).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
      expect(second.headers.get('x-trace-id')).not.toBe(first.headers.get('x-trace-id'));
    },
  );

  it('is never stored, never sniffed and does not tell what made it', async () => {
    for (const { headers } of [await person.call('GET', '/api/v1/me'), await send('/api/v1/query', '{}')]) {
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('server')).toBeNull();
    }
  });
});

describe('another origin', () => {
  const allowed = 'https://app.example';
  let app: App;

  beforeAll(async () => {
    app = await startAnotherApp({ env: { CORS_ORIGINS: `${allowed}, https://second.example` } });
  });
  afterAll(() => app?.stop());

  const preflight = (origin: string) =>
    fetch(`${app.url}/api/v1/chat`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization, content-type',
      },
    });
  const call = (origin: string) =>
    fetch(`${app.url}/api/v1/me`, { headers: { origin, authorization: `Bearer ${person.token}` } });

  it('that is configured may call', async () => {
    const { status, headers } = await preflight(allowed);

    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(allowed);
    expect(headers.get('access-control-allow-methods')).toContain('POST');
    expect(headers.get('access-control-allow-headers')).toBe('authorization, content-type');
    expect(headers.get('access-control-allow-credentials')).toBeNull();
    const answer = await call(allowed);
    expect(answer.headers.get('access-control-allow-origin')).toBe(allowed);
    expect(answer.headers.get('access-control-expose-headers')).toContain('x-trace-id');
    expect(answer.headers.get('vary')).toMatch(/origin/i);
  });

  it('that is configured can read why it was refused', async () => {
    const refused = await fetch(`${app.url}/api/v1/me`, { headers: { origin: allowed } });

    expect(refused.status).toBe(401);
    expect(refused.headers.get('access-control-allow-origin')).toBe(allowed);
  });

  it.each(['https://evil.example', 'https://app.example.evil.example', 'http://app.example', 'null'])(
    'that is not configured may not: %s',
    async (origin) => {
      const { status, headers } = await preflight(origin);

      expect(status).toBe(403);
      expect(headers.get('access-control-allow-origin')).toBeNull();
      expect((await call(origin)).headers.get('access-control-allow-origin')).toBeNull();
    },
  );
});
