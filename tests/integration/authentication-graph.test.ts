import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPerson, groups } from '../../local/people.ts';
import { clientWithToken } from '../../local/platform-client.ts';
import type { App } from '../../local/stack.ts';
import type { Me } from '../../shared/contracts/me.ts';
import { onboardTenant, signToken, stack, startAnotherApp } from './support/platform.ts';
import { mintToken } from './support/tokens.ts';

const LEFT_OUT = { groups: null, _claim_names: { groups: 'src1' }, _claim_sources: { src1: {} } };

/** Microsoft Graph as a test wants it: answers by the person who is asked about, and counts. */
const answers = new Map<string, { status: number; body: string }[]>();
const asked: { path: string; authorization: string | undefined; body: string }[] = [];
const graph = createServer(async (request, response) => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const path = request.url ?? '';
  asked.push({ path, authorization: request.headers.authorization, body: Buffer.concat(parts).toString() });
  const planned = answers.get(path.split('/users/')[1]?.split('/')[0] ?? '') ?? [];
  const { status, body } = (planned.length > 1 ? planned.shift() : planned[0]) ?? { status: 404, body: '{}' };
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
});

let app: App;
let silent: App;
let tid: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => graph.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(graph.address() as AddressInfo).port}`;
  const env = { GRAPH_URL: url, GRAPH_ACCESS_TOKEN: 'app-token' };
  [app, silent] = await Promise.all([startAnotherApp({ env }), startAnotherApp({ env: { GRAPH_URL: '' } })]);
  tid = (await onboardTenant()).entraTenantId;
});

afterAll(async () => {
  graph.closeAllConnections();
  graph.close();
  await Promise.all([app?.stop(), silent?.stop()]);
});

const guid = (number: number) => `6e000000-1111-4111-8111-${String(number).padStart(12, '0')}`;
const listing = (count: number) =>
  JSON.stringify({ value: Array.from({ length: count }, (_, number) => guid(number)) });

async function arrive(planned: { status: number; body: string }[], url = app.url) {
  const oid = randomUUID();
  answers.set(oid, planned);
  const token = await signToken({ tid, oid, roles: ['Member'], ...LEFT_OUT });
  const come = () => clientWithToken(url, token).call<Me & { detail: string }>('GET', '/api/v1/me');
  return { ...(await come()), come, requests: () => asked.filter(({ path }) => path.includes(oid)) };
}

describe('somebody in more groups than a token lists', () => {
  it('has those that the directory names, on the shared stack as well', async () => {
    const token = await mintToken({ user: 'alice', claims: LEFT_OUT });
    const me = await clientWithToken(stack.apiUrl, token).must<Me>('GET', '/api/v1/me');
    expect(me.groups).toEqual(findPerson('alice')?.groups);
    expect(me.groups).toContain(groups.contosoEngineering);
  });

  it('is looked up once, with the app’s own token, security groups only', async () => {
    const { status, body, come, requests } = await arrive([{ status: 200, body: listing(300) }]);
    expect(status).toBe(200);
    expect(body.groups).toHaveLength(300);
    expect((await come()).status).toBe(200);
    expect(requests()).toEqual([
      {
        path: expect.stringMatching(/^\/v1\.0\/users\/[^/]+\/getMemberObjects$/),
        authorization: 'Bearer app-token',
        body: '{"securityEnabledOnly":true}',
      },
    ]);
  });

  it.each([
    ['the directory does not know the person', { status: 404, body: '{}' }, 403],
    ['there are too many to name', { status: 400, body: '{}' }, 403],
    ['there are too many to use', { status: 200, body: listing(2_001) }, 403],
    ['the answer is endless', { status: 200, body: `"${'a'.repeat(1024 * 1024)}"` }, 403],
    ['the answer is no list', { status: 200, body: '{"value":"all"}' }, 503],
    ['the app may not ask', { status: 403, body: '{}' }, 503],
  ])('is not let in when %s', async (_name, planned, expected) => {
    expect((await arrive([planned])).status).toBe(expected);
  });

  it('is let in when the directory was only busy for a moment', async () => {
    const busy = { status: 503, body: '{}' };
    const { status, requests } = await arrive([busy, { status: 429, body: '{}' }, { status: 200, body: listing(1) }]);
    expect(status).toBe(200);
    expect(requests()).toHaveLength(3);
    const down = await arrive([busy]);
    expect(down.status).toBe(503);
    expect(down.headers.get('retry-after')).toBe('5');
    expect(down.requests()).toHaveLength(3);
  });

  it('is not let in where no directory is configured', async () => {
    const { status, body } = await arrive([{ status: 200, body: listing(1) }], silent.url);
    expect({ status, detail: body.detail }).toEqual({ status: 403, detail: expect.stringContaining('groups') });
  });
});

describe('the role PlatformAdmin', () => {
  it('counts from the tenants that are configured only', async () => {
    const outside = await signToken({ tid, oid: randomUUID(), roles: ['PlatformAdmin', 'Member'] });
    const inside = await mintToken({ user: 'petra' });
    const rolesOf = async (token: string) =>
      (await clientWithToken(stack.apiUrl, token).must<Me>('GET', '/api/v1/me')).roles;
    expect(await rolesOf(outside)).toEqual(['Member']);
    expect(await rolesOf(inside)).toEqual(['PlatformAdmin']);
  });
});
