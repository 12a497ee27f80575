import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type McpServerEmulator, startMcpServer } from '../../local/emulators/mcp-server/server.ts';
import type { App } from '../../local/stack.ts';
import type { AuditItem } from '../../shared/contracts/audit.ts';
import type { CreateToolServer, ToolServer, ToolServerTest } from '../../shared/contracts/tool-servers.ts';
import { cosmos, onboardTenant, stack, startAnotherApp, type TestPerson, type TestTenant } from './support/platform.ts';

const SERVERS = '/api/v1/admin/tool-servers';
const SECRET = 'kanzlerin-4711-tango-secret';
const keyed = { kind: 'key', header: 'x-api-key', secret: SECRET };

let company: TestTenant;
let admin: TestPerson;
let stranger: TestPerson;
let open: McpServerEmulator;
let locked: McpServerEmulator;
let oauth: McpServerEmulator;
const names = Array.from({ length: 40 }, (_, index) => `shop-${index}`);

beforeAll(async () => {
  [company, open, locked, oauth] = await Promise.all([
    onboardTenant(),
    startMcpServer({ port: 0 }),
    startMcpServer({ port: 0, apiKey: SECRET }),
    startMcpServer({ port: 0, client: { id: 'platform', secret: SECRET } }),
  ]);
  admin = await company.person(['TenantAdmin']);
  stranger = await (await onboardTenant()).person(['TenantAdmin']);
});

afterAll(() => Promise.all([open?.stop(), locked?.stop(), oauth?.stop()]));

const pathOf = ({ id }: Pick<ToolServer, 'id'>) => `${SERVERS}/${id}`;
const nextName = () => names.shift() ?? '';

function register(fields: Omit<Partial<Record<keyof CreateToolServer, unknown>>, 'name'> = {}): Promise<ToolServer> {
  return admin.must<ToolServer>('POST', SERVERS, { name: nextName(), url: open.mcpUrl, ...fields });
}

const oauthAuth = (fields: object = {}) => ({
  kind: 'oauth-client-credentials',
  tokenUrl: oauth.tokenUrl,
  clientId: 'platform',
  secret: SECRET,
  ...fields,
});
const test = (server: ToolServer) => admin.must<ToolServerTest>('POST', `${pathOf(server)}/test`);
const problemOf = async (method: string, path: string, body?: unknown, by = admin) => {
  const { status, body: problem } = await by.call<{ code: string; detail: string }>(method, path, body);
  return { status, code: problem.code, detail: problem.detail };
};

describe('a tool server', () => {
  it('is registered, listed, changed and deleted, with each act on record', async () => {
    const created = await register({ toolPermissions: { lookup_order: 'allow' } });
    const found = await admin.call<ToolServer>('GET', pathOf(created));
    const { items } = await admin.must<{ items: ToolServer[] }>('GET', SERVERS);
    const headers = { 'if-match': found.headers.get('etag') ?? '' };
    const change = { enabled: false };
    const changed = await admin.call<ToolServer>('PATCH', pathOf(created), change, headers);
    const late = await admin.call('PATCH', pathOf(created), change, headers);
    const deleted = await admin.call('DELETE', pathOf(created));

    expect(created).toMatchObject({ auth: { kind: 'none' }, enabled: true, timeoutMilliseconds: 20_000 });
    expect(found.body).toEqual(created);
    expect(items).toContainEqual(created);
    expect(changed.body).toMatchObject({ enabled: false, name: created.name });
    expect([late.status, deleted.status]).toEqual([412, 204]);
    expect((await admin.call('GET', pathOf(created))).status).toBe(404);
    const acts = await admin.must<{ items: AuditItem[] }>('GET', `/api/v1/admin/audit?subject=${created.id}`);
    expect(acts.items.map(({ action, outcome }) => `${action} ${outcome}`).toSorted()).toEqual([
      'tool-server.created allowed',
      'tool-server.deleted allowed',
      'tool-server.updated allowed',
      'tool-server.updated failed',
    ]);
  });

  it('is created once for an idempotency key, and once for a name', async () => {
    const body = { name: nextName(), url: locked.mcpUrl, auth: keyed };
    const headers = { 'idempotency-key': `create-${body.name}` };
    const answers = [
      await admin.call<ToolServer>('POST', SERVERS, body, headers),
      await admin.call<ToolServer>('POST', SERVERS, body, headers),
    ];

    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(answers[1]?.body).toEqual(answers[0]?.body);
    expect(await problemOf('POST', SERVERS, body)).toMatchObject({ status: 409 });
    const race = { name: nextName(), url: open.mcpUrl };
    const both = await Promise.all([admin.call('POST', SERVERS, race), admin.call('POST', SERVERS, race)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual([201, 409]);
  });

  it.each([
    ['plain http elsewhere', { url: 'http://tools.example/mcp' }, 422],
    ['a private address', { url: 'https://10.0.0.8/mcp' }, 422],
    ['the cloud’s metadata', { url: 'https://169.254.169.254/mcp' }, 422],
    ['a mapped address', { url: 'https://[::ffff:127.0.0.1]/mcp' }, 422],
    [
      'a private token endpoint',
      { auth: { kind: 'oauth-client-credentials', tokenUrl: 'https://192.168.0.1/', clientId: 'a', secret: 'b' } },
      422,
    ],
    ['credentials in the address', { url: 'https://ada:pw@tools.example/mcp' }, 400],
    ['another protocol', { url: 'file:///etc/passwd' }, 400],
    ['a header of the transport', { auth: { kind: 'key', header: 'Host', secret: 'a' } }, 400],
    ['a secret with a line break', { auth: { kind: 'key', header: 'x-key', secret: 'a\r\nb: c' } }, 400],
    ['a name of other letters', { name: 'Shop__1' }, 400],
    ['an unknown field', { tenantId: 'ten_00000000000000000000000000' }, 400],
  ])('is refused with %s', async (_, fields, status) => {
    const body = { name: nextName(), url: open.mcpUrl, ...fields };
    expect(await problemOf('POST', SERVERS, body)).toMatchObject({ status });
  });

  it('of another tenant is not there', async () => {
    const server = await register({ url: locked.mcpUrl, auth: keyed });
    const attempts = [
      await problemOf('GET', pathOf(server), undefined, stranger),
      await problemOf('PATCH', pathOf(server), { enabled: false }, stranger),
      await problemOf('DELETE', pathOf(server), undefined, stranger),
      await problemOf('POST', `${pathOf(server)}/test`, undefined, stranger),
      await problemOf('GET', `${SERVERS}?tenantId=${company.id}`, undefined, stranger),
      await problemOf('POST', `${SERVERS}?tenantId=${company.id}`, { name: 'mine', url: open.mcpUrl }, stranger),
    ];

    expect(attempts.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 404]);
    expect(await admin.must('GET', pathOf(server))).toEqual(server);
    expect((await stranger.must<{ items: unknown[] }>('GET', SERVERS)).items).toEqual([]);
  });
});

describe('a secret', () => {
  it('is nowhere to be read: not in answers, the database or the logs', async () => {
    const created = await register({ url: locked.mcpUrl, auth: keyed });
    const changed = await admin.must('PATCH', pathOf(created), { auth: { ...keyed, secret: `${SECRET}-2` } });
    await problemOf('POST', `${pathOf(created)}/test`);
    const container = await cosmos.container('tool-servers');
    const { resource } = await container.item(created.id, [company.id]).read();
    const acts = await admin.must('GET', `/api/v1/admin/audit?subject=${created.id}`);
    const log = await readFile(stack.appLogFile, 'utf8');

    expect(created.auth).toEqual({ kind: 'key', header: 'x-api-key' });
    expect(resource).toMatchObject({ sealedSecret: expect.stringMatching(/^v1\./) });
    const base64 = Buffer.from(SECRET).toString('base64').slice(0, 20);
    for (const seen of [created, changed, resource, acts, log]) {
      expect(JSON.stringify(seen)).not.toContain(SECRET);
      expect(JSON.stringify(seen)).not.toContain(base64);
    }
    expect(JSON.stringify([created, changed])).not.toContain('sealed');
  });

  it('stays when other things change, and is never sent elsewhere without being given again', async () => {
    const server = await register({ url: locked.mcpUrl, auth: keyed });
    await admin.must('PATCH', pathOf(server), {
      timeoutMilliseconds: 5_000,
      auth: { kind: 'key', header: 'x-api-key' },
    });
    expect((await test(server)).tools.length).toBeGreaterThan(0);

    const elsewhere = { url: open.mcpUrl };
    const other = { auth: { ...oauthAuth(), secret: undefined } };
    const nextDoor = { url: `${locked.mcpUrl}/of-somebody-else` };
    for (const change of [elsewhere, nextDoor, other]) {
      expect(await problemOf('PATCH', pathOf(server), change)).toMatchObject({ status: 422 });
    }
    await admin.must('PATCH', pathOf(server), { ...elsewhere, auth: keyed });
    await admin.must('PATCH', pathOf(server), { auth: { kind: 'none' } });
    const container = await cosmos.container('tool-servers');
    expect((await container.item(server.id, [company.id]).read()).resource).toMatchObject({ sealedSecret: null });
  });

  it('is refused while the operator has given no key to seal it with', async () => {
    const app: App = await startAnotherApp({ env: { TOOL_SECRETS_KEY: '' } });
    try {
      const keyless = await company.person(['TenantAdmin'], { apiUrl: app.url });
      const body = { name: nextName(), url: locked.mcpUrl, auth: keyed };
      const refused = await problemOf('POST', SERVERS, body, keyless);
      expect(refused).toMatchObject({ status: 422, detail: expect.stringContaining('TOOL_SECRETS_KEY') });
      const plain = await keyless.call('POST', SERVERS, { ...body, auth: { kind: 'none' } });
      expect(plain.status).toBe(201);
    } finally {
      await app.stop();
    }
  });
});

describe('testing a server', () => {
  it('lists its tools under our names, with the permission of each', async () => {
    const server = await register({ toolPermissions: { lookup_order: 'allow', create_ticket: 'deny' } });
    const { tools } = await test(server);

    const [lookup, ticket, slow] = tools;
    expect(lookup).toMatchObject({
      name: `${server.name}__lookup_order`,
      remoteName: 'lookup_order',
      permission: 'allow',
    });
    expect([ticket?.permission, slow?.permission]).toEqual(['deny', 'ask']);
    for (const { name } of tools) expect(name).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
  });

  it('signs in with a key, and says when the key is wrong without repeating it', async () => {
    const right = await register({ url: locked.mcpUrl, auth: keyed });
    const wrong = await register({ url: locked.mcpUrl, auth: { ...keyed, secret: 'wrong-key' } });

    expect((await test(right)).tools.length).toBeGreaterThan(5);
    const refused = await problemOf('POST', `${pathOf(wrong)}/test`);
    expect(refused).toMatchObject({
      status: 502,
      code: 'upstream_failed',
      detail: expect.stringContaining('credentials'),
    });
    expect(refused.detail).not.toContain('wrong-key');
  });

  it('signs in by OAuth, keeps the token, and gets one more when it is refused', async () => {
    const server = await register({ url: oauth.mcpUrl, auth: oauthAuth() });
    const before = oauth.tokensGiven;
    await test(server);
    await test(server);
    expect(oauth.tokensGiven - before).toBe(1);

    oauth.revokeTokens();
    await test(server);
    expect(oauth.tokensGiven - before).toBe(2);
    const wrong = await register({ url: oauth.mcpUrl, auth: oauthAuth({ secret: 'wrong-secret' }) });
    const refused = await problemOf('POST', `${pathOf(wrong)}/test`);
    expect(refused).toMatchObject({ status: 502, detail: expect.stringContaining('no token') });
    expect(refused.detail).not.toContain('wrong-secret');
  });

  it('says what is wrong with a server', async () => {
    const down = await startMcpServer({ port: 0 });
    await down.stop();
    const cases = [
      [down.mcpUrl, /cannot be reached \(ECONNREFUSED\)/],
      [`${open.url}/nowhere`, /status 404/],
      [`${open.url}/elsewhere`, /status 307/],
      [stack.urls.qdrant, /status|speak/],
    ] as const;
    for (const [url, detail] of cases) {
      const answer = await problemOf('POST', `${pathOf(await register({ url }))}/test`);
      expect(answer).toMatchObject({ status: 502, detail: expect.stringMatching(detail) });
    }
    const inside = await register({ url: open.mcpUrl.replace('http://127.0.0.1', 'https://localhost') });
    expect(await problemOf('POST', `${pathOf(inside)}/test`)).toMatchObject({
      status: 422,
      detail: expect.stringContaining('no public address'),
    });
    expect((await test(await register({ url: `${open.url}/mcp-moved` }))).tools.length).toBeGreaterThan(0);
  });
});
