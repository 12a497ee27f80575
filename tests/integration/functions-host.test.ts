import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HostProcess, startHost } from './fixtures/functions-host/start-host.ts';

const fixture = (name: string) => fileURLToPath(new URL(`./fixtures/functions-host/${name}`, import.meta.url));
/** No port listens there: what these tests ask of the host needs no storage. */
const UNREACHABLE =
  'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;' +
  'BlobEndpoint=http://127.0.0.1:1/a;QueueEndpoint=http://127.0.0.1:1/a';
const STORAGE_FUNCTIONS = ['work', 'work-poison', 'dropped', 'blob-poison', 'yearly', 'every-second', 'at-start'];
const ENVIRONMENT = {
  Storage: UNREACHABLE,
  AzureWebJobsStorage: UNREACHABLE,
  WORK_QUEUE: 'work',
  DROP_CONTAINER: 'drop',
  YEARLY: '0 0 0 1 1 *',
  ...Object.fromEntries(STORAGE_FUNCTIONS.map((name) => [`AzureWebJobs.${name}.Disabled`, 'true'])),
};

describe('an app that streams HTTP', () => {
  let host: HostProcess;
  const get = (path: string, init?: RequestInit) => fetch(host.url + path, init);

  beforeAll(async () => {
    host = await startHost(fixture('streaming'), ENVIRONMENT);
  });
  afterAll(() => host.end('SIGKILL'));

  it('hands over route parameters, and query parameters beside them', async () => {
    const answer = await get('/items/42?colour=red&id=7');
    expect(await answer.json()).toEqual({
      url: `${host.url}/items/42?colour=red&id=7`,
      parameters: { id: '42', colour: 'red' },
    });
  });

  it('matches only values that meet the constraints', async () => {
    const id = randomUUID();
    expect((await get('/items/abc')).status).toBe(404);
    expect(await (await get(`/guids/${id}/abc`)).json()).toMatchObject({ parameters: { id, part: 'abc' } });
    expect(await (await get(`/guids/${id}`)).json()).toMatchObject({ parameters: { id } });
    expect((await get(`/guids/${id}/abcde`)).status).toBe(404);
    expect((await get(`/guids/${id}/a1`)).status).toBe(404);
  });

  it('gives a catch-all the rest of the path, decoded but for its slashes', async () => {
    expect(await (await get('/files/a%20b/c%2Fd.txt')).json()).toMatchObject({ parameters: { path: 'a b/c%2Fd.txt' } });
  });

  it('tries routes in the order of their functions’ names', async () => {
    expect(await (await get('/order/exact')).text()).toBe('by name');
  });

  it('answers 404 to a wrong method and to an unknown path', async () => {
    expect((await get('/items/42', { method: 'POST' })).status).toBe(404);
    expect((await get('/nowhere')).status).toBe(404);
  });

  it('streams a body in both directions before either has ended', async () => {
    const request = httpRequest(`${host.url}/echo`, { method: 'POST' });
    request.write('first');
    const [response] = await once(request, 'response');
    expect(response.statusCode).toBe(201);
    expect(String((await once(response, 'data'))[0])).toBe('first');
    request.write('second');
    expect(String((await once(response, 'data'))[0])).toBe('second');
    request.end();
    await once(response, 'end');
  });

  it('carries a body with DELETE, with and without a declared length', async () => {
    expect(await (await get('/echo', { method: 'DELETE', body: 'known length' })).text()).toBe('known length');
    const request = httpRequest(`${host.url}/echo`, { method: 'DELETE', headers: { 'transfer-encoding': 'chunked' } });
    request.end('unknown length');
    const [response] = await once(request, 'response');
    expect(String((await once(response, 'data'))[0])).toBe('unknown length');
  });

  it('refuses a body that declares more than 100 MB', async () => {
    const request = httpRequest(`${host.url}/echo`, { method: 'POST', headers: { 'content-length': 104_857_601 } });
    request.flushHeaders();
    const [response] = await once(request, 'response');
    expect(response.statusCode).toBe(413);
    request.destroy();
  });

  it('passes headers, cookies and the trace on, but no invocation id of the client', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const answer = await get('/headers', { headers: { traceparent, 'x-own': 'mine', 'x-ms-invocation-id': 'forged' } });
    const { headers, invocationId, trace } = (await answer.json()) as Record<string, Record<string, string>>;
    expect(headers).toMatchObject({ 'x-own': 'mine' });
    expect(headers).not.toHaveProperty('x-ms-invocation-id');
    expect(invocationId).not.toBe('forged');
    expect(trace?.traceParent).toBe(traceparent);
    expect(answer.headers.getSetCookie()).toEqual(['flavour=plain; Path=/']);
  });

  it('makes a trace context when the client sends none', async () => {
    const { trace } = (await (await get('/headers')).json()) as { trace: { traceParent: string } };
    expect(trace.traceParent).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-01$/);
  });

  it.each(['throws', 'undefined-answer', 'invalid-status'])('answers 500 for a handler with %s', async (name) => {
    expect((await get(`/${name}`)).status).toBe(500);
  });

  it('answers 429 beyond the outstanding requests that host.json allows', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, () => get('/slow')));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(20);
    expect(statuses.filter((status) => status === 429)).toHaveLength(10);
  });

  it('describes itself and its functions without a key', async () => {
    expect(await (await get('/admin/host/status')).json()).toMatchObject({ state: 'Running' });
    expect((await get('/admin/host/ping', { method: 'POST' })).status).toBe(200);
    const functions = (await (await get('/admin/functions')).json()) as { name: string }[];
    expect(functions.map(({ name }) => name)).toContain('item-by-number');
    expect((await get('/guarded')).status).toBe(200);
  });

  it('logs each call as JSON lines with its invocation', async () => {
    const answer = await get('/items/1');
    const invocationId = answer.headers.get('x-ms-invocation-id');
    const line = await host.next((it) => it.invocationId === invocationId && /^Executed/.test(it.message));
    expect(line).toMatchObject({
      level: 'information',
      category: 'Function.item-by-number',
      function: 'item-by-number',
    });
  });
});

describe('a host’s life', () => {
  it('asks for keys when it has some', async () => {
    const keysFile = join(await mkdtemp(join(tmpdir(), 'functions-host-')), 'keys.json');
    await writeFile(keysFile, JSON.stringify({ masterKey: 'master', functionKeys: { default: 'door' } }));
    const host = await startHost(fixture('streaming'), { ...ENVIRONMENT, FUNCTIONS_KEYS_FILE: keysFile });
    const status = async (path: string, key?: string) =>
      (await fetch(host.url + path, { headers: key ? { 'x-functions-key': key } : {} })).status;
    expect(await status('/guarded')).toBe(401);
    expect(await status('/guarded', 'wrong')).toBe(401);
    expect(await status('/guarded', 'door')).toBe(200);
    expect(await status('/guarded?code=door')).toBe(200);
    expect(await status('/guarded', 'master')).toBe(200);
    expect(await status('/guarded-admin', 'door')).toBe(401);
    expect(await status('/guarded-admin', 'master')).toBe(200);
    expect(await status('/items/1')).toBe(200);
    expect(await status('/admin/functions', 'door')).toBe(401);
    expect(await status('/admin/functions', 'master')).toBe(200);
    await host.end('SIGKILL');
  });

  it('lets running calls end and runs the terminate hooks when it is told to stop', async () => {
    const host = await startHost(fixture('streaming'), ENVIRONMENT);
    const answer = fetch(`${host.url}/slow`);
    await host.next((line) => line.seen === 'slow');
    const code = host.end('SIGTERM');
    expect(await (await answer).text()).toBe('finished');
    expect(await code).toBe(0);
    expect(host.lines.map((line) => line.seen)).toContain('app-terminate');
    await expect(fetch(`${host.url}/slow`)).rejects.toThrow();
  });

  it('stops when its parent’s channel closes', async () => {
    const host = await startHost(fixture('streaming'), ENVIRONMENT);
    const exited = once(host.process, 'exit');
    host.process.disconnect();
    expect((await exited)[0]).toBe(0);
  });

  it('dies with code 1 of a rejection that the app does not handle', async () => {
    const host = await startHost(fixture('streaming'), ENVIRONMENT);
    const exited = once(host.process, 'exit');
    await expect(fetch(`${host.url}/crash`)).rejects.toThrow();
    expect((await exited)[0]).toBe(1);
    expect(host.lines.at(-1)).toMatchObject({
      level: 'critical',
      message: expect.stringContaining('nobody handles this'),
    });
  });

  it('refuses an app whose bindings it does not support', async () => {
    await expect(startHost(fixture('unsupported'), {})).rejects.toThrow(/output binding .* does not support/);
  });
});

describe('an app that does not stream HTTP', () => {
  it('is called through the default prefix with whole bodies, from every file that main’s glob names', async () => {
    const host = await startHost(fixture('buffered'), { GREETING: 'hello' });
    const answer = await fetch(`${host.url}/api/echo?q=1`, { method: 'POST', body: 'body' });
    expect(answer.status).toBe(202);
    expect(await answer.text()).toBe('body hello');
    expect(answer.headers.get('x-query')).toBe('1');
    expect(answer.headers.getSetCookie()).toEqual(['flavour=plain; SameSite=Lax']);
    expect((await fetch(`${host.url}/api/fail`)).status).toBe(500);
    expect((await fetch(`${host.url}/echo`, { method: 'POST' })).status).toBe(404);
    await host.end('SIGKILL');
  });
});
