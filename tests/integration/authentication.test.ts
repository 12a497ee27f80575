import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API_AUDIENCE, API_SCOPE, SHELL_CLIENT_ID } from '../../local/emulators/identity/access-token.ts';
import { clientWithToken } from '../../local/platform-client.ts';
import type { App } from '../../local/stack.ts';
import { createTenantRepository } from '../../shared/adapters/cosmos/tenant-repository.ts';
import { createUserRepository } from '../../shared/adapters/cosmos/user-repository.ts';
import type { Readiness } from '../../shared/contracts/health.ts';
import type { Me } from '../../shared/contracts/me.ts';
import type { Problem } from '../../shared/contracts/problem.ts';
import type { Tenant } from '../../shared/contracts/tenants.ts';
import { newId } from '../../shared/identifiers.ts';
import { cosmos, onboardTenant, signToken, stack, startAnotherApp, type TestTenant } from './support/platform.ts';
import { hmacToken, mintToken, unsignedToken } from './support/tokens.ts';

const CLOCK_SKEW_SECONDS = 60;
const now = () => Math.floor(Date.now() / 1000);
const users = createUserRepository(cosmos);
let tenant: TestTenant;

beforeAll(async () => {
  tenant = await onboardTenant();
});

/** The claims of a token that is accepted, for a person who has never been here. */
function goodClaims(oid: string) {
  return {
    aud: API_AUDIENCE,
    iss: `${stack.urls.identity}/${tenant.entraTenantId}/v2.0`,
    iat: now(),
    nbf: now(),
    exp: now() + 600,
    tid: tenant.entraTenantId,
    oid,
    azp: SHELL_CLIENT_ID,
    scp: API_SCOPE,
    ver: '2.0',
    name: 'Test Person',
    roles: ['Member'],
  };
}

async function call(
  token: string | null,
  headers: Record<string, string> = {},
  path = '/api/v1/me',
  url = stack.apiUrl,
) {
  const authorization: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(`${url}${path}`, { headers: { ...authorization, ...headers } });
  return { status: response.status, headers: response.headers, problem: (await response.json()) as Problem };
}

function expectRefusal({ status, headers, problem }: Awaited<ReturnType<typeof call>>, expected: number) {
  expect(status).toBe(expected);
  expect(headers.get('content-type')).toBe('application/problem+json');
  expect(headers.get('www-authenticate')).toBe(expected === 401 ? 'Bearer' : null);
  expect(problem).toMatchObject({ status: expected, code: expected === 401 ? 'unauthenticated' : 'forbidden' });
  expect(problem.detail).not.toBe('');
}

describe('a token', () => {
  it('that is good lets its person in and records the sign-in', async () => {
    const oid = randomUUID();

    expect((await call(await mintToken({ claims: goodClaims(oid) }))).status).toBe(200);
    expect(await users.find(tenant.id, oid)).toMatchObject({ value: { status: 'active', entraRoles: ['Member'] } });
  });

  const changed = (change: Record<string, unknown>) => (oid: string) =>
    mintToken({ claims: { ...goodClaims(oid), ...change } });
  const withHeader = (header: Record<string, unknown>) => (oid: string) =>
    mintToken({ claims: goodClaims(oid), header });
  const attacker = 'https://attacker.example/keys';

  it.each<[string, number, (oid: string) => Promise<string> | string]>([
    ['is garbage', 401, () => 'garbage'],
    ['is very long', 401, () => 'a'.repeat(15_000)],
    ['has no signature', 401, (oid) => unsignedToken(goodClaims(oid))],
    ['names no algorithm but a key', 401, withHeader({ alg: 'none' })],
    ['is signed by HMAC with the public key', 401, (oid) => hmacToken(goodClaims(oid))],
    ['is signed by HMAC with the public key as JWK', 401, withHeader({ alg: 'HS256' })],
    ['is signed by a key that nobody published', 401, (oid) => mintToken({ claims: goodClaims(oid), key: 'unknown' })],
    [
      'brings its own key',
      401,
      (oid) =>
        mintToken({ claims: goodClaims(oid), key: 'unknown', header: { jwk: { kty: 'RSA', n: 'AQAB', e: 'AQAB' } } }),
    ],
    [
      'says where its key is',
      401,
      (oid) => mintToken({ claims: goodClaims(oid), key: 'unknown', header: { jku: attacker, x5u: attacker } }),
    ],
    ['names a key by a path', 401, withHeader({ kid: '../../etc/passwd' })],
    ['names a key by a quote', 401, withHeader({ kid: "x' or '1'='1" })],
    ['names no key', 401, withHeader({ kid: null })],
    ['has a critical header', 401, withHeader({ crit: ['exp'] })],
    ['is for another service', 401, changed({ aud: randomUUID() })],
    ['is from another issuer', 401, changed({ iss: 'https://login.attacker.example/common/v2.0' })],
    ['is from the issuer of another tenant', 401, changed({ tid: randomUUID() })],
    [
      'has an issuer with something behind',
      401,
      (oid) => {
        const claims = goodClaims(oid);
        return mintToken({ claims: { ...claims, iss: `${claims.iss}/` } });
      },
    ],
    ['was asked for by another application', 401, changed({ azp: 'another-client' })],
    ['was asked for by nobody', 401, changed({ azp: null })],
    ['has expired beyond the clock skew', 401, changed({ exp: now() - CLOCK_SKEW_SECONDS - 5 })],
    ['is not valid yet beyond the clock skew', 401, changed({ nbf: now() + CLOCK_SKEW_SECONDS + 30 })],
    ['never expires', 401, changed({ exp: null })],
    ['is an ID token', 401, changed({ scp: null, nonce: 'n', aud: SHELL_CLIENT_ID })],
    ['is an ID token for this service', 401, changed({ scp: null })],
    ['belongs to an application', 401, changed({ idtyp: 'app' })],
    ['belongs to nobody', 401, changed({ oid: null })],
    ['names its person by something else than an id', 401, changed({ oid: "' or 1=1" })],
    ['cannot list all groups', 403, changed({ _claim_names: { groups: 'src1' }, _claim_sources: { src1: {} } })],
  ])('is refused when it %s, and leaves no trace', async (_name, status, mint) => {
    const oid = randomUUID();

    expectRefusal(await call(await mint(oid)), status);
    expect(await users.find(tenant.id, oid)).toBeNull();
  });

  it('is accepted within the clock skew', async () => {
    const expired = { ...goodClaims(randomUUID()), exp: now() - CLOCK_SKEW_SECONDS / 2 };
    const early = { ...goodClaims(randomUUID()), nbf: now() + CLOCK_SKEW_SECONDS / 2 };

    expect((await call(await mintToken({ claims: expired }))).status).toBe(200);
    expect((await call(await mintToken({ claims: early }))).status).toBe(200);
  });

  it('counts only as a bearer in the header', async () => {
    const token = await mintToken({ claims: goodClaims(randomUUID()) });

    expectRefusal(await call(null), 401);
    expectRefusal(await call(null, {}, `/api/v1/me?access_token=${token}`), 401);
    expectRefusal(await call(null, { authorization: `Basic ${token}` }), 401);
    expectRefusal(await call(null, { authorization: token }), 401);
    expectRefusal(await call(null, { cookie: `access_token=${token}` }), 401);
  });

  it('ignores roles that the platform does not know', async () => {
    const claims = { ...goodClaims(randomUUID()), roles: ['Owner', '__proto__', 'Auditor'] };
    const { body } = await clientWithToken(stack.apiUrl, await mintToken({ claims })).call<Me>('GET', '/api/v1/me');

    expect(body.roles).toEqual(['Auditor']);
  });
});

describe('an organisation', () => {
  it('that is not onboarded is told so', async () => {
    const refused = await call(await signToken({ tid: randomUUID(), oid: randomUUID(), roles: ['TenantAdmin'] }));

    expectRefusal(refused, 403);
    expect(refused.problem.detail).toContain('not onboarded');
  });

  it('that is suspended is told so', async () => {
    const entraTenantId = randomUUID();
    const at = new Date().toISOString();
    const suspended: Tenant = {
      id: newId('ten'),
      name: 'Suspended',
      parentId: null,
      mapping: { entraTenantId, groupId: null },
      status: 'suspended',
      policy: {},
      createdAt: at,
      updatedAt: at,
    };
    await createTenantRepository(cosmos).create({ id: suspended.id, tenants: [suspended] });
    const oid = randomUUID();
    const refused = await call(await signToken({ tid: entraTenantId, oid, roles: ['TenantAdmin'] }));

    expectRefusal(refused, 403);
    expect(refused.problem.detail).toContain('suspended');
    expect(await users.find(suspended.id, oid)).toBeNull();
  });
});

describe('the development bypass', () => {
  let app: App;
  const oid = randomUUID();
  const bypass = { 'x-dev-bypass': 'true' };

  beforeAll(async () => {
    const claims = { tid: tenant.entraTenantId, oid, name: 'Developer', roles: ['Member'] };
    app = await startAnotherApp({ env: { AUTH_DEV_BYPASS: 'true', AUTH_DEV_CLAIMS: JSON.stringify(claims) } });
  });
  afterAll(() => app.stop());

  it('is ignored unless it is switched on', async () => {
    expectRefusal(await call(null, bypass), 401);
  });

  it('acts as the configured person where it is switched on and asked for', async () => {
    expect((await call(null, bypass, '/api/v1/me', app.url)).problem).toMatchObject({ userId: oid, roles: ['Member'] });
    expectRefusal(await call(null, {}, '/api/v1/me', app.url), 401);
    expectRefusal(await call(null, { 'x-dev-bypass': 'false' }, '/api/v1/me', app.url), 401);
  });

  it('keeps a person out who was suspended since', async () => {
    const person = await tenant.person(['Member']);
    await person.must('GET', '/api/v1/me');
    const item = (await cosmos.container('users')).item(person.oid, tenant.id);
    await item.patch([{ op: 'set', path: '/status', value: 'suspended' }]);

    const elsewhere = await call(person.token, {}, '/api/v1/me', app.url);

    expectRefusal(elsewhere, 403);
    expect(elsewhere.problem.detail).toContain('suspended');
    expect(await users.find(tenant.id, person.oid)).toMatchObject({ value: { status: 'suspended' } });
  });
});

describe('the development bypass in Azure', () => {
  let app: App;

  beforeAll(async () => {
    app = await startAnotherApp({
      env: { AUTH_DEV_BYPASS: 'true', AUTH_DEV_CLAIMS: '{}', WEBSITE_INSTANCE_ID: 'instance' },
    });
  });
  afterAll(() => app.stop());

  it('keeps the app from serving, and says why', async () => {
    const ready = await fetch(`${app.url}/health/ready`);
    const { dependencies } = (await ready.json()) as Readiness;

    expect(ready.status).toBe(503);
    expect(dependencies).toMatchObject([{ name: 'configuration', advice: expect.stringContaining('AUTH_DEV_BYPASS') }]);
    const refused = await call(null, { 'x-dev-bypass': 'true' }, '/api/v1/me', app.url);
    expect(refused).toMatchObject({ status: 503, problem: { code: 'dependency_unavailable' } });
    expect((await fetch(`${app.url}/health/live`)).status).toBe(200);
  });
});
