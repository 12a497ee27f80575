import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ApiKeyId } from '../contracts/identifiers.ts';

const SECRET_BYTES = 32;
const API_KEY = /^eap_(key_[0-9A-HJKMNP-TV-Z]{26})_([A-Za-z0-9_-]{43})$/;

/** What a program sends: `eap_<key id>_<secret>`. */
export interface PresentedApiKey {
  readonly id: ApiKeyId;
  readonly secret: string;
}

export const newSecret = () => randomBytes(SECRET_BYTES).toString('base64url');

export const formatApiKey = ({ id, secret }: PresentedApiKey) => `eap_${id}_${secret}`;

/** Tells an API key from an access token, which never begins like this. */
export const looksLikeApiKey = (text: string) => text.startsWith('eap_');

export function parseApiKey(text: string): PresentedApiKey | null {
  const [, id, secret] = API_KEY.exec(text) ?? [];
  return id && secret ? { id, secret } : null;
}

/** A fast hash is enough for 256 random bits: there is nothing to guess. */
export const hashOf = (secret: string) => createHash('sha256').update(secret).digest('base64url');

export function hasHash(secret: string, hash: string): boolean {
  const [given, stored] = [Buffer.from(hashOf(secret)), Buffer.from(hash)];
  return given.length === stored.length && timingSafeEqual(given, stored);
}
