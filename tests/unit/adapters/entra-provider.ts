import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';

export const tenantId = '7c1f3a52-60f5-4d0e-9a55-0b7a2f6c1d11';
export const personId = '2a9b8c7d-6e5f-4a3b-8c1d-0e9f8a7b6c5d';
export const audience = '11111111-2222-4333-8444-555555555555';
export const clientId = '99999999-8888-4777-8666-555555555555';

/** An identity provider of the test's own: it signs anything, and answers its keys as the test wishes. */
export interface Provider {
  readonly url: string;
  /** What the key endpoint answers instead of the keys. */
  answer: { status: number; body: string } | 'keys';
  /** How often the key endpoint was asked. */
  requests: number;
  /** Members that every key is published with. */
  published: Record<string, unknown>;
  readonly publicKeys: Map<string, Record<string, unknown>>;
  addKey(keyId: string): Promise<void>;
  sign(claims: JWTPayload, header?: Partial<JWTHeaderParameters>): Promise<string>;
  stop(): Promise<void>;
}

export async function startProvider(): Promise<Provider> {
  const privateKeys = new Map<string, CryptoKey>();
  const server = createServer((_request, response) => {
    provider.requests += 1;
    const keys = [...provider.publicKeys.values()].map((key) => ({ ...key, ...provider.published }));
    const { status, body } =
      provider.answer === 'keys' ? { status: 200, body: JSON.stringify({ keys }) } : provider.answer;
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const provider: Provider = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer: 'keys',
    requests: 0,
    published: {},
    publicKeys: new Map(),
    async addKey(keyId) {
      const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
      privateKeys.set(keyId, privateKey);
      provider.publicKeys.set(keyId, { ...(await exportJWK(publicKey)), kid: keyId, use: 'sig' });
    },
    async sign(claims, header = {}) {
      const key = privateKeys.get(header.kid ?? 'first') ?? privateKeys.get('first');
      if (!key) throw new Error('no key');
      return new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: 'first', ...header })
        .sign(key, { crit: { x: true } });
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  await provider.addKey('first');
  return provider;
}

/** The claims of a valid v2 access token, an hour long. */
export function claimsAt(now: Date, authority: string): JWTPayload {
  const seconds = Math.floor(now.getTime() / 1_000);
  return {
    aud: audience,
    iss: `${authority}/${tenantId}/v2.0`,
    iat: seconds,
    nbf: seconds,
    exp: seconds + 3_600,
    azp: clientId,
    tid: tenantId,
    oid: personId,
    name: 'Ann Example',
    preferred_username: 'ann@contoso.example',
    roles: ['Member'],
    scp: 'access_as_user',
    ver: '2.0',
  };
}
