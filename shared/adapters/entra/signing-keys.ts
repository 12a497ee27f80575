import type { CryptoKey, JWK } from 'jose';
import { readBounded } from '../read-bounded.ts';

/** A public key that the provider signs with. */
export interface SigningKey {
  readonly key: CryptoKey;
  /** Whose tokens it may sign; may contain `{tenantid}`. Undefined: those of the whole authority. */
  readonly issuer: string | undefined;
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

const TIMEOUT_MILLISECONDS = 5_000;
const MAX_RESPONSE_BYTES = 512 * 1024;
const MAX_KEYS = 200;
/** Base64url, of 2,048 to 8,192 bits. */
const MODULUS = /^[A-Za-z0-9_-]{342,1366}$/;
const EXPONENT = /^[A-Za-z0-9_-]{1,8}$/;
const KEY_ID = /^[A-Za-z0-9_-]{1,128}$/;

/** Says whether a key id has the form that Entra ID gives them; anything else is never looked up. */
export function isKeyId(value: unknown): value is string {
  return typeof value === 'string' && KEY_ID.test(value);
}

/** Fetches the provider's RS256 keys by their id. @throws when it does not answer in 5 s with at least one. */
export async function fetchSigningKeys(url: string, fetch: Fetch): Promise<ReadonlyMap<string, SigningKey>> {
  const response = await fetch(url, {
    headers: { accept: 'application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`The key endpoint answered ${response.status}`);
  }
  const text = await readBounded(response, MAX_RESPONSE_BYTES);
  if (text === null) throw new Error('The key endpoint answered with too much');
  const { keys } = JSON.parse(text) as { keys?: unknown };
  const usable = Array.isArray(keys) ? keys.slice(0, MAX_KEYS).filter(isSigningKey) : [];
  if (usable.length === 0) throw new Error('The key endpoint answered without a usable key');
  return importKeys(usable);
}

type SigningJwk = JWK & { readonly kid: string; readonly n: string; readonly e: string; readonly issuer?: unknown };

function isSigningKey(value: unknown): value is SigningJwk {
  const { kty, kid, use = 'sig', alg = 'RS256', n, e } = (value ?? {}) as JWK;
  const isUsable = kty === 'RSA' && use === 'sig' && alg === 'RS256' && isKeyId(kid);
  return isUsable && MODULUS.test(String(n)) && EXPONENT.test(String(e));
}

async function importKeys(keys: readonly SigningJwk[]): Promise<ReadonlyMap<string, SigningKey>> {
  const { importJWK } = await import('jose');
  const imported = keys.map(async ({ kid, n, e, issuer }): Promise<[string, SigningKey]> => {
    const key = (await importJWK({ kty: 'RSA', n, e }, 'RS256')) as CryptoKey;
    return [kid, { key, issuer: typeof issuer === 'string' ? issuer : undefined }];
  });
  return new Map(await Promise.all(imported));
}
