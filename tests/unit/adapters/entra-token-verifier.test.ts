import { createHmac } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createEntraTokenVerifier, type EntraTokenVerifier } from '../../../shared/adapters/entra/token-verifier.ts';
import { audience, claimsAt, clientId, type Provider, personId, startProvider, tenantId } from './entra-provider.ts';

const other = '00000000-1111-4222-8333-444444444444';
const microsoft = 'https://login.microsoftonline.com';
const start = new Date('2026-03-01T12:00:00Z');
let provider: Provider;
let now: Date;
let verifier: EntraTokenVerifier;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.stop());
beforeEach(() => {
  now = start;
  provider.published = {};
  provider.requests = 0;
  verifier = verifierFor(provider.url);
});

/** Asks the provider for keys, whichever authority it is told to be. */
function verifierFor(authority: string): EntraTokenVerifier {
  return createEntraTokenVerifier({
    authority,
    audiences: [audience, `api://${audience}`],
    clientIds: [clientId],
    now: () => now,
    fetch: (url, init) => fetch(url.replace(authority, provider.url), init),
  });
}

const claims = (change: JWTPayload = {}) => ({ ...claimsAt(start, provider.url), ...change });
const verify = async (change: JWTPayload = {}, header = {}) =>
  verifier.verify(await provider.sign(claims(change), header));
const unauthenticated = { code: 'unauthenticated' };

describe('an access token of a person', () => {
  it('gives the claims that we use and no others', async () => {
    expect(await verify({ groups: [other], secret: 'x' })).toEqual({
      tid: tenantId,
      oid: personId,
      name: 'Ann Example',
      preferred_username: 'ann@contoso.example',
      roles: ['Member'],
      groups: [other],
    });
  });

  it('is accepted from Entra ID in its first version too', async () => {
    verifier = verifierFor(microsoft);
    const first = { ver: '1.0', iss: `https://sts.windows.net/${tenantId}/`, azp: undefined, appid: clientId };
    expect(await verify({ ...first, aud: `api://${audience}` })).toMatchObject({ oid: personId });
    await expect(verify({ ...first, appid: other })).rejects.toMatchObject(unauthenticated);
    await expect(verify({ ...first, azp: clientId, appid: undefined })).rejects.toMatchObject(unauthenticated);
    await expect(verify({ ...first, ver: '2.0' })).rejects.toMatchObject(unauthenticated);
    await expect(verify({ iss: `${microsoft}/${tenantId}/v2.0`, ver: '1.0' })).rejects.toMatchObject(unauthenticated);
    expect(await verify({ iss: `${microsoft}/${tenantId}/v2.0` })).toMatchObject({ oid: personId });
  });

  it('is accepted up to a minute beside its times, and no longer', async () => {
    const token = await provider.sign(claims());
    const at = (milliseconds: number) => {
      now = new Date(start.getTime() + milliseconds);
      return verifierFor(provider.url).verify(token);
    };
    await expect(at(-61_000)).rejects.toMatchObject({ message: expect.stringContaining('not valid yet') });
    expect(await at(-60_000)).toMatchObject({ oid: personId });
    expect(await at(3_659_000)).toMatchObject({ oid: personId });
    await expect(at(3_660_000)).rejects.toMatchObject({ message: expect.stringContaining('expired') });
  });

  it('is remembered for a minute, but not beyond its end', async () => {
    const token = await provider.sign(claims({ exp: start.getTime() / 1_000 + 30 }));
    const first = await verifier.verify(token);
    expect(await verifier.verify(token)).toBe(first);
    await expect(verifier.verify(`${token.slice(0, -6)}AAAAAA`)).rejects.toMatchObject(unauthenticated);
    now = new Date(start.getTime() + 31_000);
    expect(await verifier.verify(token)).not.toBe(first);
    now = new Date(start.getTime() + 91_000);
    await expect(verifier.verify(token)).rejects.toMatchObject(unauthenticated);
  });
});

describe('refuses', () => {
  const v2 = (tid: string) => `${provider.url}/${tid}/v2.0`;
  it.each<[string, () => JWTPayload]>([
    ['another audience', () => ({ aud: other })],
    ['an audience that only begins alike', () => ({ aud: `${audience}/` })],
    ['no audience', () => ({ aud: undefined })],
    ['another client', () => ({ azp: other })],
    ['a client in the wrong claim', () => ({ azp: undefined, appid: clientId })],
    ['the issuer of another tenant', () => ({ iss: v2(other) })],
    ['another tenant than the issuer', () => ({ tid: other })],
    ['a tenant that is no GUID', () => ({ tid: '../evil', iss: v2('../evil') })],
    ['a tenant with something behind it', () => ({ tid: `${tenantId}/x`, iss: v2(`${tenantId}/x`) })],
    ['no tenant', () => ({ tid: undefined })],
    ['another authority', () => ({ iss: `https://evil.example/${tenantId}/v2.0` })],
    [
      'the first version from an authority of our own',
      () => ({ ver: '1.0', iss: `https://sts.windows.net/${tenantId}/`, appid: clientId }),
    ],
    ['an unknown version', () => ({ ver: '3.0' })],
    ['no version', () => ({ ver: undefined })],
    ['an ID token', () => ({ scp: undefined, azp: undefined, nonce: 'n' })],
    ['a token without a scope', () => ({ scp: '' })],
    ["an application's token", () => ({ scp: undefined, idtyp: 'app' })],
    ["an application's token that claims a scope", () => ({ idtyp: 'app' })],
    ['no person', () => ({ oid: undefined })],
    ['a person who is no GUID', () => ({ oid: 'ann@contoso.example' })],
    ['no end', () => ({ exp: undefined })],
    ['roles that are no list', () => ({ roles: 'PlatformAdmin' })],
  ])('%s', async (_name, change) => {
    await expect(verify(change())).rejects.toMatchObject(unauthenticated);
  });

  it('says no word of the token and keeps no cause that holds it', async () => {
    const error = await verify({ aud: other, name: 'Zoe Secret' }).catch((refusal: unknown) => refusal);
    expect(error).toMatchObject({ message: expect.stringContaining('another service'), cause: undefined });
    expect(JSON.stringify(error)).not.toContain('Secret');
  });

  it.each([{ _claim_names: { groups: 'src1' } }, { hasgroups: true }])(
    'no token that leaves the groups out, but trusts none of those that it lists: %j',
    async (change) => {
      await expect(verify({ ...change, groups: [personId] })).resolves.toMatchObject({ groups: null });
    },
  );

  it('every other algorithm, without asking for keys', async () => {
    const body = Buffer.from(JSON.stringify(claims())).toString('base64url');
    const head = (header: object) => Buffer.from(JSON.stringify(header)).toString('base64url');
    const publicKey = JSON.stringify(provider.publicKeys.get('first'));
    const hmacInput = `${head({ alg: 'HS256', kid: 'first' })}.${body}`;
    const forged = [
      `${head({ alg: 'none' })}.${body}.`,
      `${head({ alg: 'none', kid: 'first' })}.${body}.AAAA`,
      `${hmacInput}.${createHmac('sha256', publicKey).update(hmacInput).digest('base64url')}`,
      `${head({ alg: 'PS256', kid: 'first' })}.${body}.AAAA`,
      'a.b.c',
      '',
    ];
    for (const token of forged) await expect(verifier.verify(token)).rejects.toMatchObject(unauthenticated);
    expect(provider.requests).toBe(0);
  });

  it('key ids of another form without asking for keys', async () => {
    for (const kid of ['../../first', "first' OR '1'='1", 'first ', 'x'.repeat(129), '', 'http://evil.example/keys']) {
      await expect(verify({}, { kid })).rejects.toMatchObject(unauthenticated);
    }
    expect(provider.requests).toBe(0);
  });

  it('keys that the token brings along', async () => {
    const evil = await startProvider();
    const brought = { jku: `${evil.url}/keys`, x5u: `${evil.url}/chain`, jwk: evil.publicKeys.get('first') };
    await expect(verifier.verify(await evil.sign(claims(), brought))).rejects.toMatchObject(unauthenticated);
    expect(evil.requests).toBe(0);
    await evil.stop();
  });

  it('an extension that it must understand and does not', async () => {
    await expect(verify({}, { crit: ['x'], x: 1 })).rejects.toMatchObject(unauthenticated);
  });

  it('a key that belongs to another issuer', async () => {
    provider.published = { issuer: `${provider.url}/${other}/v2.0` };
    await expect(verify()).rejects.toMatchObject(unauthenticated);
    provider.published = { issuer: `${provider.url}/{tenantid}/v2.0` };
    verifier = verifierFor(provider.url);
    expect(await verify()).toMatchObject({ oid: personId });
  });
});
