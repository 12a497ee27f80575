import type { UserId } from '../contracts/identifiers.ts';
import { createExpiringCache } from './expiring-cache.ts';

/** Tells the groups of people who are in too many for a token to list. */
export interface GroupDirectory {
  /**
   * Object ids of all groups of a person; null when the directory does not know the person, or there are too many to use.
   * @throws AppError `dependency_unavailable`
   */
  groupsOf(userId: UserId): Promise<readonly string[] | null>;
}

const LIFETIME_MILLISECONDS = 5 * 60_000;
const MAX_PEOPLE = 2_000;

/** Where no directory may be asked, nobody's groups are known. */
export const noGroupDirectory: GroupDirectory = { groupsOf: async () => null };

/** Asks about a person at most every five minutes. */
export function rememberGroups(directory: GroupDirectory, now: () => Date): GroupDirectory {
  const groupsOf = createExpiringCache({
    load: (userId) => directory.groupsOf(userId),
    lifetimeMilliseconds: LIFETIME_MILLISECONDS,
    maxEntries: MAX_PEOPLE,
    now,
  });
  return { groupsOf };
}
