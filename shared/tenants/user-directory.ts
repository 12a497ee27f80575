import { createExpiringCache } from './expiring-cache.ts';
import type { User, UserRepository } from './tenant.ts';

const LIFETIME_MILLISECONDS = 30_000;
const MAX_USERS = 50_000;

/** Keeps our copy of the people who sign in; a change of status is in force within 30 seconds. */
export interface UserDirectory {
  seen(user: Pick<User, 'tenantId' | 'userId' | 'displayName' | 'roles'>): Promise<User>;
}

export function createUserDirectory(repository: UserRepository, now: () => Date): UserDirectory {
  const recorded = createExpiringCache({
    load: (key) => repository.recordSignIn({ ...JSON.parse(key), lastSeenAt: now().toISOString() }),
    lifetimeMilliseconds: LIFETIME_MILLISECONDS,
    maxEntries: MAX_USERS,
    now,
  });
  return {
    seen: ({ tenantId, userId, displayName, roles }) =>
      recorded(JSON.stringify({ tenantId, userId, displayName, roles })),
  };
}
