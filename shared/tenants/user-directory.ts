import type { UserDirectory } from '../identity/directory.ts';
import { createExpiringCache } from '../identity/expiring-cache.ts';
import type { UserRepository } from './user-repository.ts';

const LIFETIME_MILLISECONDS = 30_000;
const MAX_USERS = 50_000;

export function createUserDirectory(repository: Pick<UserRepository, 'recordSignIn'>, now: () => Date): UserDirectory {
  const recorded = createExpiringCache({
    load: (key) => repository.recordSignIn({ ...JSON.parse(key), lastSeenAt: now().toISOString() }),
    lifetimeMilliseconds: LIFETIME_MILLISECONDS,
    maxEntries: MAX_USERS,
    now,
  });
  return {
    seen: ({ tenantId, userId, displayName, entraRoles }) =>
      recorded(JSON.stringify({ tenantId, userId, displayName, entraRoles })),
  };
}
