import { AppError } from '../errors.ts';
import { withSpan } from '../telemetry/span.ts';
import type { ApiKeyRepository, StoredApiKey } from './api-key.ts';
import { hasHash, parseApiKey } from './api-key-secret.ts';
import type { TenantDirectory } from './directory.ts';
import { createExpiringCache } from './expiring-cache.ts';
import { refusalOfTenant } from './person.ts';
import type { Principal } from './principal.ts';

export interface ApiKeyAuthenticator {
  /** @throws AppError `unauthenticated` for a key that is wrong, expired or revoked, `forbidden` for a suspended tenant. */
  authenticate(key: string): Promise<Principal>;
}

const LIFETIME_MILLISECONDS = 30_000;
const USE_NOTED_EVERY_MILLISECONDS = 60_000;
const MAX_KEYS = 10_000;

/** Lets programs in by their keys; a key that is revoked is refused everywhere within 30 seconds. */
export function createApiKeyAuthenticator(options: {
  readonly keys: ApiKeyRepository;
  readonly tenants: Pick<TenantDirectory, 'byId'>;
  readonly now: () => Date;
}): ApiKeyAuthenticator {
  const { keys, tenants, now } = options;
  const stored = createExpiringCache({
    load: (id) => keys.find(id),
    lifetimeMilliseconds: LIFETIME_MILLISECONDS,
    maxEntries: MAX_KEYS,
    now,
  });
  const noteUse = createExpiringCache({
    // It is only shown to administrators: when it fails, the next minute tells.
    load: (id) => keys.noteUse(id, now().toISOString()).catch(() => undefined),
    lifetimeMilliseconds: USE_NOTED_EVERY_MILLISECONDS,
    maxEntries: MAX_KEYS,
    now,
  });

  async function find(text: string): Promise<StoredApiKey> {
    const presented = parseApiKey(text);
    const key = presented && (await stored(presented.id));
    if (!key || !hasHash(presented.secret, key.secretHash) || !isLive(key, now())) {
      throw new AppError('unauthenticated', 'The API key is not accepted. Ask your administrator for another.');
    }
    return key;
  }

  return {
    async authenticate(text) {
      const key = await find(text);
      const tenant = await withSpan('policy', {}, () => tenants.byId(key.tenantId));
      const refusal = tenant
        ? refusalOfTenant(tenant)
        : 'The tenant of this API key is gone, or so new that it is not known everywhere. Try again in a minute.';
      if (!tenant || refusal) throw new AppError('forbidden', refusal ?? '');
      void noteUse(key.id);
      return {
        kind: 'service',
        tenantId: tenant.id,
        tenantName: tenant.name,
        tenantChain: tenant.tenantChain,
        userId: key.id,
        displayName: key.name,
        roles: [],
        groups: [],
        permissions: new Set(key.permissions),
        knowledgeBaseIds: key.knowledgeBaseIds,
      };
    },
  };
}

function isLive({ revokedAt, expiresAt }: StoredApiKey, at: Date): boolean {
  return revokedAt === null && at.getTime() < Date.parse(expiresAt);
}
