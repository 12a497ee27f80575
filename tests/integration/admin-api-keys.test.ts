import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientWithToken, type PlatformClient } from '../../local/platform-client.ts';
import type { App } from '../../local/stack.ts';
import type { ApiKey, CreateApiKey, CreatedApiKey } from '../../shared/contracts/api-keys.ts';
import type { ChatAnswer } from '../../shared/contracts/chat.ts';
import type { KnowledgeBase } from '../../shared/contracts/knowledge-bases.ts';
import type { Me } from '../../shared/contracts/me.ts';
import {
  cosmos,
  createKnowledgeBase,
  eventually,
  onboardTenant,
  platformAdmin,
  stack,
  startAnotherApp,
  type TestPerson,
  type TestTenant,
  uploadAndWait,
} from './support/platform.ts';

const KEYS = '/api/v1/admin/api-keys';
const HOUR = 3_600_000;
const later = (milliseconds: number) => new Date(Date.now() + milliseconds).toISOString();

let company: TestTenant;
let admin: TestPerson;
/** One that has seen nothing of what a test does, and so remembers nothing. */
let otherApp: App;

function request(fields: Partial<CreateApiKey> = {}) {
  return { name: 'Reporting', permissions: ['knowledge:read'], expiresAt: later(HOUR), ...fields };
}

const create = (fields: Partial<CreateApiKey> = {}, by = admin) =>
  by.must<CreatedApiKey>('POST', KEYS, request(fields));
const as = ({ secret }: CreatedApiKey, apiUrl = stack.apiUrl): PlatformClient => clientWithToken(apiUrl, secret ?? '');
const statusOf = async (client: PlatformClient, method: string, path: string, body?: unknown) =>
  (await client.call(method, path, body)).status;

beforeAll(async () => {
  [company, otherApp] = await Promise.all([onboardTenant(), startAnotherApp()]);
  admin = await company.person(['TenantAdmin']);
});

afterAll(() => otherApp?.stop());

describe('an API key', () => {
  it('is shown once, and stored without what would let anybody in', async () => {
    const created = await create();
    expect(created.secret).toMatch(new RegExp(`^eap_${created.id}_[A-Za-z0-9_-]{43}$`));
    const { items } = await admin.must<{ items: ApiKey[] }>('GET', KEYS);
    const one = await admin.must<ApiKey>('GET', `${KEYS}/${created.id}`);
    const container = await cosmos.container('api-keys');
    const { resource } = await container.item(created.id, created.id).read();
    const secret = created.secret?.slice(-43) ?? '';
    expect(items).toContainEqual(one);
    for (const seen of [items, one, resource]) expect(JSON.stringify(seen)).not.toContain(secret);
    expect(one).not.toHaveProperty('secretHash');
  });

  it('lets a program in by either header, as itself, with the permissions that it was given', async () => {
    const key = await create({ name: 'Importer', permissions: ['knowledge:read', 'knowledge:write'] });
    const me = await as(key).must<Me>('GET', '/api/v1/me');
    expect(me).toMatchObject({ userId: key.id, displayName: 'Importer', tenant: { id: company.id }, roles: [] });
    expect(me.permissions).toEqual(['knowledge:read', 'knowledge:write']);

    const headers = { 'api-key': key.secret ?? '' };
    expect((await fetch(`${stack.apiUrl}/api/v1/me`, { headers })).status).toBe(200);
    expect((await createKnowledgeBase(as(key))).createdBy).toBe(key.id);
    expect(await statusOf(as(key), 'GET', '/api/v1/sessions')).toBe(403);
    expect(await statusOf(as(key), 'GET', KEYS)).toBe(403);
  });

  it('tells when it was last used', async () => {
    const key = await create();
    expect(key.lastUsedAt).toBeNull();
    await as(key).must('GET', '/api/v1/me');
    const { lastUsedAt } = await eventually(async () => {
      const found = await admin.must<ApiKey>('GET', `${KEYS}/${key.id}`);
      return found.lastUsedAt === null ? undefined : found;
    });
    expect(Date.parse(lastUsedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(key.createdAt));
  });

  it('touches no knowledge base but its own', async () => {
    const [own, other] = await Promise.all([createKnowledgeBase(admin), createKnowledgeBase(admin)]);
    const permissions = ['knowledge:read', 'knowledge:write', 'knowledge:admin'] as CreateApiKey['permissions'];
    const program = as(await create({ permissions, knowledgeBaseIds: [own.id] }));
    const { items } = await program.must<{ items: KnowledgeBase[] }>('GET', '/api/v1/knowledge-bases');
    expect(items.map(({ id }) => id)).toEqual([own.id]);

    const pathOf = ({ id }: KnowledgeBase) => `/api/v1/knowledge-bases/${id}`;
    expect(await statusOf(program, 'PATCH', pathOf(own), { description: 'Changed' })).toBe(200);
    for (const path of [pathOf(other), `${pathOf(other)}/documents`]) {
      expect(await statusOf(program, 'GET', path)).toBe(404);
    }
    expect(await statusOf(program, 'DELETE', pathOf(other))).toBe(404);
    expect(await statusOf(program, 'POST', '/api/v1/query', { query: 'Hi', knowledgeBaseIds: [other.id] })).toBe(404);
    expect(await statusOf(program, 'POST', '/api/v1/knowledge-bases', { name: 'Mine' })).toBe(403);
    expect(await statusOf(as(await create({ knowledgeBaseIds: [] })), 'GET', pathOf(own))).toBe(404);
  });

  it('that may only chat gets answers without documents', async () => {
    const open = await createKnowledgeBase(admin);
    await uploadAndWait(admin, open.id, 'gate.md', '# Gate\n\nThe gate opens at seven.\n');
    const key = as(await create({ permissions: ['chat:use'] }));

    const answer = await key.must<ChatAnswer>('POST', '/api/v1/chat', { message: 'When does the gate open?' });
    const named = { message: 'When does the gate open?', knowledgeBaseIds: [open.id] };

    expect(answer.citations).toEqual([]);
    expect(answer.text).not.toContain('seven');
    expect(await statusOf(key, 'POST', '/api/v1/chat', named)).toBe(403);
  });

  it('is refused with the same words when it is wrong, unknown, expired or revoked', async () => {
    const [revoked, expired] = await Promise.all([create(), create({ expiresAt: later(1_500) })]);
    await as(expired).must('GET', '/api/v1/me');
    await admin.must('DELETE', `${KEYS}/${revoked.id}`);
    const swapped = `eap_${expired.id}_${revoked.secret?.slice(-43)}`;
    const unknown = `eap_key_01JD3Q5V4M8K2N6P9R1S7T0W3X_${'a'.repeat(43)}`;
    await eventually(async () => ((await as(expired).call('GET', '/api/v1/me')).status === 401 ? true : undefined));

    const secrets = [revoked.secret, expired.secret, swapped, unknown, 'eap_', `${expired.secret}a`];
    const answers = await Promise.all(
      secrets.map((secret) => clientWithToken(stack.apiUrl, secret ?? '').call('GET', '/api/v1/me')),
    );
    expect(answers.map(({ status }) => status)).toEqual(secrets.map(() => 401));
    expect(new Set(answers.map(({ body }) => body.detail)).size).toBe(1);
    const wrongHeader = await fetch(`${stack.apiUrl}/api/v1/me`, { headers: { 'api-key': admin.token } });
    expect(wrongHeader.status).toBe(401);
  });

  it('that one instance revoked is refused by another, and stays on record', async () => {
    const [key, kept] = await Promise.all([create(), create()]);
    await as(key).must('GET', '/api/v1/me');
    const { revokedAt } = await admin.must<ApiKey>('DELETE', `${KEYS}/${key.id}`);
    const { url } = otherApp;
    expect(await statusOf(as(kept, url), 'GET', '/api/v1/me')).toBe(200);
    expect(await statusOf(as(key, url), 'GET', '/api/v1/me')).toBe(401);
    expect(await admin.must<ApiKey>('DELETE', `${KEYS}/${key.id}`)).toMatchObject({ id: key.id, revokedAt });
  });

  it('is of no use where its tenant is suspended', async () => {
    const own = await onboardTenant();
    const key = await create({}, await own.person(['TenantAdmin']));
    await (await platformAdmin()).must('PATCH', `/api/v1/admin/tenants/${own.id}`, { status: 'suspended' });
    const { status, body } = await as(key, otherApp.url).call('GET', '/api/v1/me');
    expect({ status, detail: body.detail }).toEqual({ status: 403, detail: expect.stringContaining('suspended') });
  });
});

describe('administrators', () => {
  it.each([
    ['a right to administer', { permissions: ['tenant:admin'] }, 400],
    ['no right at all', { permissions: [] }, 400],
    ['an end in the past', { expiresAt: later(-1_000) }, 422],
    ['an end in two years', { expiresAt: later(2 * 366 * 24 * HOUR) }, 422],
    ['a knowledge base that is none', { knowledgeBaseIds: ['all'] }, 400],
  ])('give no key with %s', async (_name, fields, expected) => {
    expect(await statusOf(admin, 'POST', KEYS, { ...request(), ...fields })).toBe(expected);
  });

  it('give only what they have themselves', async () => {
    const path = `${KEYS}?tenantId=${company.id}`;
    const platform = await platformAdmin();
    expect(await statusOf(platform, 'POST', path, request({ permissions: ['chat:use'] }))).toBe(403);
    expect(await statusOf(platform, 'POST', path, request({ permissions: ['usage:read'] }))).toBe(201);
  });

  it('reach the keys of the tenants below, and no others', async () => {
    const own = await onboardTenant();
    const by = await own.person(['TenantAdmin']);
    const body = { name: 'Team', parentId: own.id };
    const team = await by.must<{ id: string }>('POST', '/api/v1/admin/tenants', body);
    const inTeam = `?tenantId=${team.id}`;
    const key = await by.must<CreatedApiKey>('POST', `${KEYS}${inTeam}`, request());
    expect((await as(key, otherApp.url).must<Me>('GET', '/api/v1/me')).tenant.id).toBe(team.id);
    expect((await by.must<{ items: ApiKey[] }>('GET', `${KEYS}${inTeam}`)).items).toHaveLength(1);
    expect(await statusOf(by, 'GET', `${KEYS}/${key.id}`)).toBe(404);

    const stranger = await (await onboardTenant()).person(['TenantAdmin']);
    for (const path of [`${KEYS}/${key.id}${inTeam}`, `${KEYS}/${key.id}`]) {
      expect(await statusOf(stranger, 'GET', path)).toBe(404);
      expect(await statusOf(stranger, 'DELETE', path)).toBe(404);
    }
    expect(await statusOf(stranger, 'GET', `${KEYS}${inTeam}`)).toBe(404);
    expect(await by.must('GET', `${KEYS}/${key.id}${inTeam}`)).toMatchObject({ revokedAt: null });
  });

  it('creating many at once lose none', async () => {
    const own = await onboardTenant();
    const by = await own.person(['TenantAdmin']);
    const created = await Promise.all(Array.from({ length: 6 }, () => create({}, by)));
    const { items } = await by.must<{ items: ApiKey[] }>('GET', KEYS);
    expect(items.map(({ id }) => id).sort()).toEqual(created.map(({ id }) => id).sort());
  });
});
