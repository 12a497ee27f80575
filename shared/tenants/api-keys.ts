import type { ApiKey, CreateApiKey, CreatedApiKey } from '../contracts/api-keys.ts';
import type { ApiKeyId, TenantId } from '../contracts/identifiers.ts';
import { AppError } from '../errors.ts';
import type { ApiKeyRepository, StoredApiKey } from '../identity/api-key.ts';
import { formatApiKey, hashOf, newSecret } from '../identity/api-key-secret.ts';
import type { Principal } from '../identity/principal.ts';
import { administeredOrganisation } from './administered.ts';
import type { TenantRepository } from './tenant.ts';

const LONGEST_LIFE_MILLISECONDS = 366 * 24 * 60 * 60 * 1000;

export interface ApiKeyReference {
  readonly tenantId: TenantId;
  readonly keyId: ApiKeyId;
}

/** The API keys of a tenant as its administrators see them; those of any other tenant: `not_found`. */
export interface ApiKeys {
  /** The newest first; all that there can be. */
  list(principal: Principal, tenantId: TenantId): Promise<ApiKey[]>;
  get(principal: Principal, reference: ApiKeyReference): Promise<ApiKey>;
  /** @throws AppError `forbidden` for a permission that the principal lacks, `unprocessable` for a wrong end or one too many */
  create(principal: Principal, tenantId: TenantId, body: CreateApiKey): Promise<CreatedApiKey>;
  /** Refused everywhere within 30 seconds. */
  revoke(principal: Principal, reference: ApiKeyReference): Promise<ApiKey>;
}

export function createApiKeys(options: {
  readonly keys: ApiKeyRepository;
  readonly tenants: TenantRepository;
  readonly newId: (prefix: 'key') => string;
  readonly now: () => Date;
}): ApiKeys {
  const { keys, tenants, newId, now } = options;

  async function find(principal: Principal, { tenantId, keyId }: ApiKeyReference): Promise<StoredApiKey> {
    await administeredOrganisation(tenants, principal, tenantId);
    const found = await keys.find(keyId);
    if (found?.tenantId !== tenantId) throw notFound();
    return found;
  }

  return {
    async list(principal, tenantId) {
      await administeredOrganisation(tenants, principal, tenantId);
      return (await keys.list(tenantId)).map(shown);
    },
    async get(principal, reference) {
      return shown(await find(principal, reference));
    },
    async create(principal, tenantId, body) {
      await administeredOrganisation(tenants, principal, tenantId);
      requireMayGive(principal, body);
      requireFairEnd(body, now());
      const secret = newSecret();
      const key: StoredApiKey = {
        ...body,
        permissions: [...new Set(body.permissions)],
        id: newId('key'),
        tenantId,
        createdBy: principal.userId,
        createdAt: now().toISOString(),
        revokedAt: null,
        lastUsedAt: null,
        secretHash: hashOf(secret),
      };
      await keys.create(key);
      return {
        ...shown(key),
        secret: formatApiKey({ id: key.id, secret }),
        notice: 'Keep the secret now: it is not shown again.',
      };
    },
    async revoke(principal, reference) {
      await find(principal, reference);
      const revoked = await keys.revoke(reference.keyId, now().toISOString());
      if (!revoked) throw notFound();
      return shown(revoked);
    },
  };
}

/** What may be kept of the answer to a creation. */
export function withoutSecret(created: CreatedApiKey): CreatedApiKey {
  const notice = 'The secret was shown when the key was created. Revoke the key and create another if it was lost.';
  return { ...created, secret: null, notice };
}

const notFound = () => new AppError('not_found', 'There is no such API key.');

function shown({ secretHash, ...key }: StoredApiKey): ApiKey {
  return key;
}

function requireMayGive(principal: Principal, { permissions }: CreateApiKey): void {
  const lacking = permissions.filter((permission) => !principal.permissions.has(permission));
  if (lacking.length === 0) return;
  throw new AppError('forbidden', `You can give only what you have yourself, which is not: ${lacking.join(', ')}.`);
}

function requireFairEnd({ expiresAt }: CreateApiKey, at: Date): void {
  const life = Date.parse(expiresAt) - at.getTime();
  if (life > 0 && life <= LONGEST_LIFE_MILLISECONDS) return;
  throw new AppError('unprocessable', '`expiresAt` must lie in the future, at most a year ahead.');
}
