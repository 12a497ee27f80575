import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Emulator } from '../../local/emulators/emulator.ts';
import { API_AUDIENCE, WEB_CLIENT_ID } from '../../local/emulators/identity/access-token.ts';
import { startIdentity } from '../../local/emulators/identity/server.ts';
import { findPerson, groups, people, tenants } from '../../local/people.ts';

const stateDirectory = mkdtempSync(join(tmpdir(), 'identity-'));
const { tid } = tenants.contoso;
let identity: Emulator;

beforeAll(async () => {
  identity = await startIdentity({ port: 0, stateDirectory });
});

afterAll(async () => {
  await identity.stop();
  rmSync(stateDirectory, { recursive: true, force: true });
});

async function tokenOf(user: string): Promise<string> {
  return (await fetch(`${identity.url}/token?user=${user}`)).text();
}

function verify(token: string, tenant: string = tid) {
  const keys = createRemoteJWKSet(new URL(`${identity.url}/common/discovery/v2.0/keys`));
  return jwtVerify(token, keys, {
    issuer: `${identity.url}/${tenant}/v2.0`,
    audience: API_AUDIENCE,
    algorithms: ['RS256'],
  });
}

function control(path: string, body: unknown): Promise<Response> {
  return fetch(`${identity.url}/_control/${path}`, { method: 'POST', body: JSON.stringify(body) });
}

/** A browser's part in the code flow: follows redirects on the provider, keeps its cookies, picks a person. */
function createBrowser() {
  const cookies = new Map<string, string>();
  async function open(address: string, init: RequestInit = {}): Promise<Response> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(address, { ...init, redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=');
      if (value) cookies.set(name, value);
      else cookies.delete(name);
    }
    const location = response.headers.get('location');
    if (!location?.startsWith(identity.url) && !location?.startsWith('/')) return response;
    return open(new URL(location, identity.url).href);
  }
  const choose = (page: string, user: string) => open(page, { method: 'POST', body: new URLSearchParams({ user }) });
  return { open, choose };
}

interface Endpoints {
  issuer: string;
  authorization_endpoint: string;
  token_endpoint: string;
  jwks_uri: string;
  end_session_endpoint: string;
}

async function discover(segment: string): Promise<Endpoints> {
  const response = await fetch(`${identity.url}/${segment}/v2.0/.well-known/openid-configuration`);
  return (await response.json()) as Endpoints;
}

async function signIn(segment: string, user: string, redirectUri: string, extra: Record<string, string> = {}) {
  const endpoints = await discover(segment);
  const verifier = randomBytes(32).toString('base64url');
  const authorize = new URL(endpoints.authorization_endpoint);
  authorize.search = new URLSearchParams({
    client_id: WEB_CLIENT_ID,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid profile offline_access api://platform/access_as_user',
    state: 'state',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...extra,
  }).toString();
  const browser = createBrowser();
  const page = await browser.open(authorize.href);
  const html = await page.text();
  const answer = await browser.choose(page.url, user);
  const location = answer.headers.get('location');
  return { html, browser, endpoints, verifier, answer, callback: location ? new URL(location) : undefined };
}

function redeem(tokenEndpoint: string, fields: Record<string, string>): Promise<Response> {
  const body = new URLSearchParams({ client_id: WEB_CLIENT_ID, ...fields });
  return fetch(tokenEndpoint, { method: 'POST', body, headers: { origin: 'http://localhost:5173' } });
}

describe('a token in a shell', () => {
  it('has the shape of an Entra v2 access token', async () => {
    const token = await tokenOf('alice');
    const { payload, protectedHeader } = await verify(token);
    expect(protectedHeader).toEqual({ alg: 'RS256', typ: 'JWT', kid: expect.any(String) });
    const alice = findPerson('alice');
    expect(payload).toMatchObject({
      tid,
      oid: alice?.oid,
      name: 'Alice Engineer',
      preferred_username: 'alice@contoso.example',
      azp: 'local-shell',
      azpacr: '0',
      scp: 'access_as_user',
      roles: ['Member'],
      groups: [groups.contosoEngineering],
      ver: '2.0',
      uti: expect.any(String),
    });
    expect(payload.sub).not.toBe(alice?.oid);
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600);
  });

  it('names the people when it does not know the one asked for', async () => {
    const response = await fetch(`${identity.url}/token?user=nobody`);
    expect(response.status).toBe(404);
    const text = await response.text();
    for (const { userName } of people) expect(text).toContain(userName);
  });
});

describe('signing in from a browser', () => {
  it.each(['http://localhost:5173/', 'http://127.0.0.1:7071/signed-in'])(
    'gives a code for tokens at %s',
    async (uri) => {
      const { html, callback, endpoints, verifier } = await signIn(tid, 'bob', uri);
      expect(html).toContain('Bob Seller');
      expect(html).not.toContain('Max Member');
      expect(`${callback?.origin}${callback?.pathname}`).toBe(uri);
      expect(callback?.searchParams.get('state')).toBe('state');
      const response = await redeem(endpoints.token_endpoint, {
        grant_type: 'authorization_code',
        code: callback?.searchParams.get('code') ?? '',
        redirect_uri: uri,
        code_verifier: verifier,
      });
      expect(response.status).toBe(200);
      expect(response.headers.get('access-control-allow-origin')).toBe('http://localhost:5173');
      const tokens = (await response.json()) as Record<'access_token' | 'id_token' | 'refresh_token' | 'scope', string>;
      const { payload, protectedHeader } = await verify(tokens.access_token);
      expect(protectedHeader.typ).toBe('JWT');
      expect(payload).toMatchObject({ azp: 'local-web', oid: findPerson('bob')?.oid, scp: 'access_as_user' });
      expect(tokens.scope).toContain('api://platform/access_as_user');
      expect(decodeJwt(tokens.id_token)).toMatchObject({ iss: endpoints.issuer, name: 'Bob Seller', tid });

      const refreshed = await redeem(endpoints.token_endpoint, {
        grant_type: 'refresh_token',
        refresh_token: tokens.refresh_token,
      });
      const { access_token: fresh } = (await refreshed.json()) as { access_token: string };
      expect((await verify(fresh)).payload.oid).toBe(findPerson('bob')?.oid);
    },
  );

  it('issues tokens of the own tenant to people who came by the common door, also with an account picker', async () => {
    const signedIn = await signIn('organizations', 'max', 'http://localhost:1/', { prompt: 'select_account' });
    const response = await redeem(signedIn.endpoints.token_endpoint, {
      grant_type: 'authorization_code',
      code: signedIn.callback?.searchParams.get('code') ?? '',
      redirect_uri: 'http://localhost:1/',
      code_verifier: signedIn.verifier,
    });
    const { access_token: token } = (await response.json()) as { access_token: string };
    const { payload } = await verify(token, tenants.fabrikam.tid);
    expect(payload).toMatchObject({ tid: tenants.fabrikam.tid, roles: ['Member'] });
  });

  it('refuses a wrong verifier, a missing challenge, a foreign address and a person of another company', async () => {
    const { callback, endpoints } = await signIn(tid, 'bob', 'http://localhost:2/');
    const stolen = await redeem(endpoints.token_endpoint, {
      grant_type: 'authorization_code',
      code: callback?.searchParams.get('code') ?? '',
      redirect_uri: 'http://localhost:2/',
      code_verifier: randomBytes(32).toString('base64url'),
    });
    expect(stolen.status).toBe(400);
    const { authorization_endpoint: authorize } = endpoints;
    const query = `client_id=${WEB_CLIENT_ID}&response_type=code&scope=openid`;
    const unproved = await fetch(`${authorize}?${query}&redirect_uri=http://localhost:2/`, { redirect: 'manual' });
    expect(unproved.headers.get('location')).toContain('error=invalid_request');
    const foreign = await fetch(`${authorize}?${query}&redirect_uri=https://evil.example/`, { redirect: 'manual' });
    expect(foreign.status).toBe(400);
    expect((await signIn(tid, 'max', 'http://localhost:2/')).answer.status).toBe(400);
  });

  it('keeps refresh tokens and access tokens valid over a restart', async () => {
    const { callback, endpoints, verifier } = await signIn(tid, 'kim', 'http://localhost:4/');
    const response = await redeem(endpoints.token_endpoint, {
      grant_type: 'authorization_code',
      code: callback?.searchParams.get('code') ?? '',
      redirect_uri: 'http://localhost:4/',
      code_verifier: verifier,
    });
    const { refresh_token: token } = (await response.json()) as { refresh_token: string };
    const shellToken = await tokenOf('kim');
    await identity.stop();
    identity = await startIdentity({ port: Number(new URL(identity.url).port), stateDirectory });
    const fields = { grant_type: 'refresh_token', refresh_token: token };
    // The first tries may still meet a connection that the stop has closed.
    const refreshed = await vi.waitFor(() => redeem(endpoints.token_endpoint, fields));
    expect(refreshed.status).toBe(200);
    await verify(shellToken);
  });

  it('signs out and goes back to the app', async () => {
    const { browser, endpoints } = await signIn(tid, 'ada', 'http://localhost:3/');
    const returning = new URLSearchParams({
      client_id: WEB_CLIENT_ID,
      post_logout_redirect_uri: 'http://localhost:3/',
    });
    const page = await browser.open(`${endpoints.end_session_endpoint}?${returning}`);
    const html = await page.text();
    const action = /action="([^"]+)"/.exec(html)?.[1] ?? '';
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(html)?.[1] ?? '';
    const answer = await browser.open(action, { method: 'POST', body: new URLSearchParams({ xsrf, logout: 'yes' }) });
    expect(answer.headers.get('location')).toBe('http://localhost:3/');
  });
});

describe('the hooks for tests', () => {
  it('sign any claims and headers, with the real key or another one', async () => {
    const sign = async (request: unknown) =>
      ((await (await control('tokens', request)).json()) as { token: string }).token;
    const changed = await sign({ user: 'alice', claims: { groups: null, roles: ['Auditor'] } });
    expect((await verify(changed)).payload).toMatchObject({ roles: ['Auditor'], name: 'Alice Engineer' });
    expect(decodeJwt(changed)).not.toHaveProperty('groups');
    await expect(verify(await sign({ user: 'alice', key: 'unknown' }))).rejects.toThrow();
    await expect(verify(await sign({ user: 'alice', header: { alg: 'none' } }))).rejects.toThrow();
    expect(decodeProtectedHeader(await sign({ header: { kid: 'x' } })).kid).toBe('x');
  });

  it('rotate the keys, let requests for them fail, and count these', async () => {
    const old = await tokenOf('alice');
    await control('keys/rotate', {});
    const fresh = await tokenOf('alice');
    expect(decodeProtectedHeader(fresh).kid).not.toBe(decodeProtectedHeader(old).kid);
    await verify(old);
    await verify(fresh);
    await control('keys/rotate', { retireOld: true });
    await expect(verify(old)).rejects.toThrow();
    await control('failures', { count: 1 });
    const before = ((await (await fetch(`${identity.url}/_control/requests`)).json()) as { keys: number }).keys;
    expect((await fetch(`${identity.url}/common/discovery/v2.0/keys`)).status).toBe(500);
    expect((await fetch(`${identity.url}/common/discovery/v2.0/keys`)).status).toBe(200);
    expect(await (await fetch(`${identity.url}/_control/requests`)).json()).toEqual({ keys: before + 2 });
  });

  it("answers Microsoft Graph's question about a person's groups", async () => {
    const address = `${identity.url}/v1.0/users/${findPerson('alice')?.oid}/getMemberObjects`;
    expect((await fetch(address, { method: 'POST' })).status).toBe(401);
    const response = await fetch(address, { method: 'POST', headers: { authorization: 'Bearer any' } });
    expect(await response.json()).toEqual({ value: [groups.contosoEngineering] });
  });
});
