import { hash } from 'node:crypto';
import type { AccessTokenClaims } from '../../identity/token-verifier.ts';

/** Tokens that were verified a moment ago, known by their digest only. */
export interface VerifiedTokens {
  get(token: string): AccessTokenClaims | undefined;
  /** @param expiresAt milliseconds since 1970 */
  add(token: string, claims: AccessTokenClaims, expiresAt: number): void;
}

const LIFETIME_MILLISECONDS = 60_000;
const MAX_TOKENS = 10_000;

const digestOf = (token: string) => hash('sha256', token, 'base64');

/** Spares the signature check of a token for 60 s, never longer than the token itself lives. */
export function createVerifiedTokens(now: () => Date): VerifiedTokens {
  const entries = new Map<string, { claims: AccessTokenClaims; until: number }>();
  return {
    get(token) {
      const digest = digestOf(token);
      const entry = entries.get(digest);
      if (!entry) return undefined;
      if (entry.until > now().getTime()) return entry.claims;
      entries.delete(digest);
      return undefined;
    },
    add(token, claims, expiresAt) {
      entries.set(digestOf(token), { claims, until: Math.min(expiresAt, now().getTime() + LIFETIME_MILLISECONDS) });
      const oldest = entries.keys().next();
      if (entries.size > MAX_TOKENS && !oldest.done) entries.delete(oldest.value);
    },
  };
}
