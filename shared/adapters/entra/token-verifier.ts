import type { JWTPayload } from 'jose';
import type { Dependency } from '../../health.ts';
import type { TokenVerifier } from '../../identity/token-verifier.ts';
import { checkClaims, refused } from './claims.ts';
import { createKeySet } from './key-set.ts';
import { type Fetch, isKeyId } from './signing-keys.ts';
import { createVerifiedTokens } from './verified-tokens.ts';

export interface EntraOptions {
  /** Where tokens come from, without a trailing slash. */
  readonly authority: string;
  readonly audiences: readonly string[];
  readonly clientIds: readonly string[];
  readonly now?: () => Date;
  readonly fetch?: Fetch;
}

export interface EntraTokenVerifier extends TokenVerifier {
  /** The identity provider as a thing that can be down; asks it at most twice a minute. */
  readonly dependency: Dependency;
}

const CLOCK_TOLERANCE_SECONDS = 60;

/** Verifies access tokens that Entra ID issued to a person, with keys from the authority's one key endpoint. */
export function createEntraTokenVerifier({
  authority,
  audiences,
  clientIds,
  now = () => new Date(),
  fetch = globalThis.fetch,
}: EntraOptions): EntraTokenVerifier {
  const keys = createKeySet({ url: `${authority}/common/discovery/v2.0/keys`, now, fetch });
  const verified = createVerifiedTokens(now);

  /** Nothing that the token says decides where its key comes from; it only names one of the authority's. */
  async function signingKey(keyId: unknown) {
    const found = isKeyId(keyId) ? await keys.find(keyId) : undefined;
    if (!found) throw refused('Its key is not known.');
    return found;
  }

  async function verifySignature(token: string): Promise<{ payload: JWTPayload; keyIssuer: string | undefined }> {
    const { jwtVerify } = await import('jose');
    let keyIssuer: string | undefined;
    const { payload } = await jwtVerify(
      token,
      async ({ kid }) => {
        const { key, issuer } = await signingKey(kid);
        keyIssuer = issuer;
        return key;
      },
      {
        algorithms: ['RS256'],
        audience: [...audiences],
        requiredClaims: ['iss', 'tid', 'exp', 'nbf', 'iat'],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: now(),
      },
    );
    return { payload, keyIssuer };
  }

  return {
    async verify(token) {
      const known = verified.get(token);
      if (known) return known;
      const { payload, keyIssuer } = await verifySignature(token).catch((error: unknown) => {
        throw toRefusal(error);
      });
      const claims = checkClaims(payload, { authority, clientIds }, keyIssuer);
      verified.add(token, claims, (payload.exp ?? 0) * 1_000);
      return claims;
    },
    dependency: {
      name: 'identity-provider',
      advice: 'Check AUTH_AUTHORITY, and that this host can reach it.',
      check: () => keys.check(),
    },
  };
}

/** Says what is wrong without the library's own error, which carries the token's claims. */
function toRefusal(error: unknown): unknown {
  const { code, claim } = (error ?? {}) as { code?: unknown; claim?: unknown };
  if (typeof code !== 'string' || !code.startsWith('ERR_J')) return error;
  if (code === 'ERR_JWT_EXPIRED') return refused('It has expired.');
  if (claim === 'nbf') return refused('It is not valid yet.');
  if (claim === 'aud') return refused('It was issued for another service.');
  return refused('It is malformed, or its signature does not hold.');
}
