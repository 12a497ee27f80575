import { createHmac, createPublicKey, type JsonWebKey } from 'node:crypto';
import type { TokenRequest } from '../../../local/emulators/identity/control.ts';
import { stack } from './platform.ts';

/** Has the local identity provider sign whatever a test wants, with any header, by any key. */
export async function mintToken(request: TokenRequest): Promise<string> {
  const response = await fetch(`${stack.urls.identity}/_control/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
  if (!response.ok) throw new Error(`No token: ${await response.text()}`);
  return ((await response.json()) as { token: string }).token;
}

/** A JWT "signed" with HMAC, whose secret is the provider's public key as PEM: the classic confusion of algorithms. */
export async function hmacToken(claims: Readonly<Record<string, unknown>>): Promise<string> {
  const response = await fetch(`${stack.urls.identity}/common/discovery/v2.0/keys`);
  const { keys } = (await response.json()) as { keys: (JsonWebKey & { kid: string })[] };
  const [key] = keys;
  if (!key) throw new Error('The provider has no key.');
  const publicKey = createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
  const content = [{ typ: 'JWT', alg: 'HS256', kid: key.kid }, claims].map(encode).join('.');
  return `${content}.${createHmac('sha256', publicKey).update(content).digest('base64url')}`;
}

/** A JWT without a signature. */
export function unsignedToken(claims: Readonly<Record<string, unknown>>): string {
  return `${[{ typ: 'JWT', alg: 'none' }, claims].map(encode).join('.')}.`;
}

const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url');
