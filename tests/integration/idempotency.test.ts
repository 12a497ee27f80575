import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ApiKey, CreatedApiKey } from '../../shared/contracts/api-keys.ts';
import type { KnowledgeBase } from '../../shared/contracts/knowledge-bases.ts';
import { declaredRoutes } from './support/declared-routes.ts';
import { cosmos, createKnowledgeBase, onboardTenant, type TestPerson, type TestTenant } from './support/platform.ts';

const KNOWLEDGE_BASES = '/api/v1/knowledge-bases';
const KEYS = '/api/v1/admin/api-keys';

let company: TestTenant;
let keeper: TestPerson;
let admin: TestPerson;

beforeAll(async () => {
  company = await onboardTenant();
  [keeper, admin] = await Promise.all([company.person(['KnowledgeManager']), company.person(['TenantAdmin'])]);
});

const withKey = <T = KnowledgeBase>(by: TestPerson, key: string, body: unknown, path = KNOWLEDGE_BASES) =>
  by.call<T>('POST', path, body, { 'idempotency-key': key });

async function countNamed(name: string): Promise<number> {
  const { items } = await keeper.must<{ items: KnowledgeBase[] }>('GET', KNOWLEDGE_BASES);
  return items.filter((knowledgeBase) => knowledgeBase.name === name).length;
}

describe('a request with an Idempotency-Key', () => {
  it('gets the same answer again without another effect', async () => {
    const [key, name] = [randomUUID(), `Once ${randomUUID()}`];
    const first = await withKey(keeper, key, { name });
    const again = await withKey(keeper, key, { name });
    expect(first.status).toBe(201);
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect(again).toMatchObject({ status: 201, body: first.body });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    for (const header of ['location', 'etag']) expect(again.headers.get(header)).toBe(first.headers.get(header));
    expect(await countNamed(name)).toBe(1);
  });

  it('has one effect when it comes many times at once', async () => {
    const [key, name] = [randomUUID(), `Once ${randomUUID()}`];
    const answers = await Promise.all(Array.from({ length: 8 }, () => withKey(keeper, key, { name })));
    for (const { status, headers } of answers) {
      expect([201, 409]).toContain(status);
      if (status === 409) expect(headers.get('retry-after')).toBe('1');
    }
    expect(answers.some(({ status }) => status === 201)).toBe(true);
    expect(await countNamed(name)).toBe(1);
    expect((await withKey(keeper, key, { name })).status).toBe(201);
  });

  it('is refused when it asks for something else', async () => {
    const key = randomUUID();
    await withKey(keeper, key, { name: 'One' });
    expect((await withKey(keeper, key, { name: 'Two' })).status).toBe(422);
    const { id: first } = await createKnowledgeBase(keeper);
    const { id: second } = await createKnowledgeBase(keeper);
    const upload = (id: string) =>
      withKey(keeper, key, { name: 'large.pdf' }, `${KNOWLEDGE_BASES}/${id}/uploads`).then(({ status }) => status);
    expect([await upload(first), await upload(first), await upload(second)]).toEqual([201, 201, 422]);
  });

  it('may be repeated with the same key after it failed', async () => {
    const key = randomUUID();
    const path = `${KEYS}`;
    const body = { name: 'Reporting', permissions: ['usage:read'] };
    expect((await withKey(admin, key, { ...body, expiresAt: '2020-01-01T00:00:00Z' }, path)).status).toBe(422);
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    expect((await withKey(admin, key, { ...body, expiresAt }, path)).status).toBe(201);
  });

  it('is nobody else’s', async () => {
    const key = randomUUID();
    const colleague = await company.person(['KnowledgeManager']);
    const stranger = await (await onboardTenant()).person(['KnowledgeManager']);
    const answers = await Promise.all([keeper, colleague, stranger].map((by) => withKey(by, key, { name: 'Mine' })));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(3);
  });

  it('never keeps the secret of an API key', async () => {
    const key = randomUUID();
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    const request = { name: 'Reporting', permissions: ['usage:read'], expiresAt };
    const first = await withKey<CreatedApiKey>(admin, key, request, KEYS);
    const again = await withKey<CreatedApiKey>(admin, key, request, KEYS);
    expect(first.body.secret).toMatch(/^eap_/);
    expect(again.body).toMatchObject({ id: first.body.id, secret: null, notice: expect.stringContaining('was shown') });
    const { items } = await admin.must<{ items: ApiKey[] }>('GET', KEYS);
    expect(items.filter(({ id }) => id === first.body.id)).toHaveLength(1);

    const scope = `idempotency:${company.id}:${admin.oid}:admin-api-keys-create`;
    const kept = (await cosmos.container('counters')).items.query('SELECT * FROM c', { partitionKey: [scope] });
    expect(JSON.stringify((await kept.fetchAll()).resources)).not.toContain(first.body.secret?.slice(-43));
  });

  it.each(['', 'with space', 'a'.repeat(201)])('is refused with the key %j', async (key) => {
    expect((await withKey(keeper, key, { name: 'One' })).status).toBe(400);
  });
});

it('every route that creates with JSON takes an Idempotency-Key', async () => {
  const creating = (await declaredRoutes()).filter(({ name }) => name.endsWith('-create'));
  expect(creating.length).toBeGreaterThan(3);
  for (const { name, idempotent } of creating) expect([name, Boolean(idempotent)]).toEqual([name, true]);
});
