import { findPerson } from '../../people.ts';
import { accessTokenClaims, SHELL_CLIENT_ID } from './access-token.ts';
import { createSigningKey, type SigningKey, type SigningKeys, signToken } from './signing-keys.ts';

/** What tests make the provider do: odd tokens, new keys, failures. */
export interface Control {
  /** Signs a person's claims after changing some of them (null removes one), optionally with a key that nobody published. */
  signToken(request: TokenRequest): string;
  failNextKeyRequests(count: number): void;
  /** Counts a request for the keys; true when it has to fail. */
  onKeyRequest(): boolean;
  keyRequests(): number;
}

export interface TokenRequest {
  readonly user?: string;
  readonly claims?: Record<string, unknown>;
  readonly header?: Record<string, unknown>;
  readonly key?: 'current' | 'unknown';
}

/** Makes the test hooks of a provider. */
export function createControl(authority: string, keys: SigningKeys): Control {
  let unknownKey: SigningKey | undefined;
  let failures = 0;
  let keyRequests = 0;
  return {
    signToken({ user, claims = {}, header = {}, key }) {
      const person = user === undefined ? undefined : findPerson(user);
      const base = person ? accessTokenClaims(person, authority, SHELL_CLIENT_ID) : {};
      const changed = Object.entries({ ...base, ...claims }).filter(([, value]) => value !== null);
      unknownKey ??= key === 'unknown' ? createSigningKey() : undefined;
      return signToken(header, Object.fromEntries(changed), (key === 'unknown' && unknownKey) || keys.current());
    },
    failNextKeyRequests(count) {
      failures = count;
    },
    onKeyRequest() {
      keyRequests += 1;
      if (failures === 0) return false;
      failures -= 1;
      return true;
    },
    keyRequests: () => keyRequests,
  };
}
