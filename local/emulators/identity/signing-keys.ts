import {
  createHmac,
  createPrivateKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  randomUUID,
  sign,
} from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A private RSA key with its id. */
export type SigningKey = JsonWebKey & { readonly kid: string };

/** The provider's signing keys; the newest one signs, and the older ones still verify. */
export interface SigningKeys {
  current(): SigningKey;
  /** What the JWKS endpoint publishes. */
  publicKeys(): { keys: JsonWebKey[] };
  /** Signs with a new key from now on; `retireOld` also stops publishing the others. */
  rotate(options: { retireOld: boolean }): void;
}

const OWNER_ONLY = 0o600;
const MODULUS_BITS = 2048;
const MAX_KEYS = 5;

/** Reads the keys from the state directory, so that tokens outlive a restart, and makes the first one when missing. */
export function openSigningKeys(stateDirectory: string): SigningKeys {
  const path = join(stateDirectory, 'signing-keys.json');
  mkdirSync(stateDirectory, { recursive: true });
  let keys = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as SigningKey[]) : [];
  const rotate = ({ retireOld }: { retireOld: boolean }) => {
    keys = [createSigningKey(), ...(retireOld ? [] : keys)].slice(0, MAX_KEYS);
    writeFileSync(`${path}.new`, JSON.stringify(keys), { mode: OWNER_ONLY });
    renameSync(`${path}.new`, path);
  };
  if (keys.length === 0) rotate({ retireOld: true });
  return {
    current() {
      const [newest] = keys;
      if (!newest) throw new Error(`${path} holds no key; npm run reset makes a new one.`);
      return newest;
    },
    publicKeys: () => ({ keys: keys.map(({ kty, n, e, kid }) => ({ kty, n, e, kid, use: 'sig', alg: 'RS256' })) }),
    rotate,
  };
}

/** Makes an RSA key that nobody trusts yet. */
export function createSigningKey(): SigningKey {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: MODULUS_BITS });
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: 'RS256' };
}

/** Signs a JWT as its header's `alg` says; besides RS256 it knows what an attacker would try: `none`, and HS256 with the public key. */
export function signToken(header: Record<string, unknown>, claims: Record<string, unknown>, key: SigningKey): string {
  const complete = { typ: 'JWT', alg: 'RS256', kid: key.kid, ...header };
  const content = [complete, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const privateKey = createPrivateKey({ key, format: 'jwk' });
  return `${content}.${signature(complete.alg, content, privateKey).toString('base64url')}`;
}

function signature(algorithm: unknown, content: string, key: KeyObject): Buffer {
  if (algorithm === 'none') return Buffer.alloc(0);
  if (algorithm === 'HS256') {
    const { n, e } = key.export({ format: 'jwk' });
    return createHmac('sha256', JSON.stringify({ n, e })).update(content).digest();
  }
  return sign('sha256', Buffer.from(content), key);
}
