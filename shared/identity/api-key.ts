import type { ApiKey } from '../contracts/api-keys.ts';
import type { ApiKeyId, TenantId } from '../contracts/identifiers.ts';

/** A key as it is stored: its secret cannot be had back. */
export interface StoredApiKey extends ApiKey {
  /** SHA-256 of the secret, base64url. */
  readonly secretHash: string;
}

export interface ApiKeyRepository {
  find(id: ApiKeyId): Promise<StoredApiKey | null>;
  /** All of a tenant, the newest first; at most `MAX_API_KEYS`. */
  list(tenantId: TenantId): Promise<StoredApiKey[]>;
  /** @throws AppError `unprocessable` when the tenant has its most; revoked and expired ones give way. */
  create(key: StoredApiKey): Promise<void>;
  /** null when it is gone. The time of an earlier revocation stays. */
  revoke(id: ApiKeyId, at: string): Promise<StoredApiKey | null>;
  /** Does nothing when it is gone. */
  noteUse(id: ApiKeyId, at: string): Promise<void>;
}

/** Of one tenant, those that are revoked or expired included. */
export const MAX_API_KEYS = 200;
