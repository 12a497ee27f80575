import type { User } from '../contracts/users.ts';
import { createExpiringCache } from './expiring-cache.ts';
import type { SignIn, UserRepository } from './user-repository.ts';

const LIFETIME_MILLISECONDS = 30_000;
const MAX_USERS = 50_000;

/** Keeps our copy of the people who sign in; a change by an administrator is in force within 30 seconds. */
export interface UserDirectory {
  seen(signIn: Omit<SignIn, 'lastSeenAt'>): Promise<User>;
}

export function createUserDirectory(repository: UserRepository, now: () => Date): UserDirectory {
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
