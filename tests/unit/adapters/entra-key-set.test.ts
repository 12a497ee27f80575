import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createEntraTokenVerifier, type EntraTokenVerifier } from '../../../shared/adapters/entra/token-verifier.ts';
import { audience, claimsAt, clientId, type Provider, personId, startProvider } from './entra-provider.ts';

const minutes = 60_000;
const failing = { status: 500, body: 'down' };
const unavailable = { code: 'dependency_unavailable', retryAfterSeconds: expect.any(Number) };
const unauthenticated = { code: 'unauthenticated' };
let provider: Provider;
let now: Date;
let verifier: EntraTokenVerifier;

beforeEach(async () => {
  provider = await startProvider();
  now = new Date('2026-03-01T12:00:00Z');
  verifier = createEntraTokenVerifier({
    authority: provider.url,
    audiences: [audience],
    clientIds: [clientId],
    now: () => now,
  });
});
afterEach(() => provider.stop());

function pass(milliseconds: number): void {
  now = new Date(now.getTime() + milliseconds);
}

/** A token of a person, new each time so that no earlier check is remembered. */
async function verify(keyId = 'first'): Promise<unknown> {
  const claims = { ...claimsAt(now, provider.url), uti: crypto.randomUUID() };
  return verifier.verify(await provider.sign(claims, { kid: keyId }));
}

/** Joins the fetch that runs in the background. */
async function settled(): Promise<void> {
  await verifier.dependency.check(AbortSignal.timeout(5_000)).catch(() => undefined);
}

function json(keys: object[], padding = '') {
  return { status: 200, body: JSON.stringify({ keys, padding }) };
}

describe('the keys of the provider', () => {
  it('are fetched once by all who come at the same time', async () => {
    await Promise.all(Array.from({ length: 20 }, () => verify()));
    expect(provider.requests).toBe(1);
  });

  it('are fetched again, once, when a token names a new one', async () => {
    await verify();
    await provider.addKey('second');
    pass(31_000);
    expect(await verify('second')).toMatchObject({ oid: personId });
    expect(await verify('first')).toMatchObject({ oid: personId });
    expect(provider.requests).toBe(2);
  });

  it('are not fetched more than once in 30 seconds, whatever the tokens name', async () => {
    await verify();
    const random = () => expect(verify(crypto.randomUUID())).rejects.toMatchObject(unauthenticated);
    await Promise.all(Array.from({ length: 100 }, random));
    expect(provider.requests).toBe(1);
    pass(30_000);
    await Promise.all(Array.from({ length: 100 }, random));
    expect(provider.requests).toBe(2);
    provider.answer = failing;
    pass(30_000);
    await Promise.all(Array.from({ length: 100 }, random));
    for (let n = 0; n < 10; n += 1) await random();
    expect(provider.requests).toBe(3);
  });

  it('are asked for once in 30 seconds also when there have never been any', async () => {
    provider.answer = failing;
    for (let n = 0; n < 10; n += 1) await expect(verify()).rejects.toMatchObject(unavailable);
    expect(provider.requests).toBe(1);
    provider.answer = 'keys';
    pass(30_000);
    expect(await verify()).toMatchObject({ oid: personId });
  });

  it('are refreshed in the background after ten minutes, so that a key that was taken back ends', async () => {
    await verify();
    await provider.addKey('second');
    provider.publicKeys.delete('first');
    pass(10 * minutes);
    expect(await verify('first')).toMatchObject({ oid: personId });
    await vi.waitFor(() => expect(provider.requests).toBe(2));
    await settled();
    await expect(verify('first')).rejects.toMatchObject(unauthenticated);
    expect(await verify('second')).toMatchObject({ oid: personId });
    expect(provider.requests).toBe(2);
  });

  it('go on working for an hour while the provider is down, and then no longer', async () => {
    await verify();
    provider.answer = failing;
    pass(69 * minutes);
    expect(await verify()).toMatchObject({ oid: personId });
    await settled();
    await verifier.dependency.check(AbortSignal.timeout(5_000));
    pass(1 * minutes + 1);
    await expect(verify()).rejects.toMatchObject(unavailable);
    await expect(verifier.dependency.check(AbortSignal.timeout(5_000))).rejects.toMatchObject(unavailable);
    provider.answer = 'keys';
    pass(1 * minutes);
    expect(await verify()).toMatchObject({ oid: personId });
    await verifier.dependency.check(AbortSignal.timeout(5_000));
  });

  it.each<[string, (keys: object[]) => { status: number; body: string }]>([
    ['no key of the right kind', (keys) => json(keys.map((key) => ({ ...key, kty: 'EC' })))],
    ['no key for signing', (keys) => json(keys.map((key) => ({ ...key, use: 'enc' })))],
    ['no JSON', () => ({ status: 200, body: '<html>' })],
    ['keys with an error', (keys) => ({ ...json(keys), status: 500 })],
    ['too much', (keys) => json(keys, 'x'.repeat(600_000))],
  ])('stay as they are when the provider answers %s', async (_name, answer) => {
    await verify();
    await provider.addKey('second');
    provider.publicKeys.delete('first');
    provider.answer = answer([...provider.publicKeys.values()]);
    pass(11 * minutes);
    await verify();
    await settled();
    expect(await verify()).toMatchObject({ oid: personId });
    expect(provider.requests).toBe(2);
  });
});
