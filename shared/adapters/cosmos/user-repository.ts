import type { PatchOperation } from '@azure/cosmos';
import type { User } from '../../contracts/users.ts';
import { AppError, isAppError } from '../../errors.ts';
import type { SignIn, UserRepository } from '../../tenants/user-repository.ts';
import type { Versioned } from '../../versioned.ts';
import type { Cosmos } from './client.ts';
import { createItemStore } from './item-store.ts';

interface UserItem extends Omit<User, 'userId'> {
  readonly id: User['userId'];
}

const NEVER_ADMINISTERED = { assignedRoles: [], status: 'active', legalHold: false } satisfies Partial<User>;

const toItem = ({ userId, ...user }: User): UserItem => ({ ...user, id: userId });
/** The first items know nothing of what an administrator can set. */
const toUser = ({ id, ...user }: UserItem): User => ({ ...NEVER_ADMINISTERED, ...user, userId: id });
const toVersioned = ({ value, etag }: Versioned<UserItem>) => ({ value: toUser(value), etag });

export function createUserRepository(cosmos: Cosmos): UserRepository {
  const items = createItemStore<UserItem>(cosmos, 'users');

  async function refresh({ tenantId, userId, displayName, entraRoles, lastSeenAt }: SignIn) {
    const operations: PatchOperation[] = [
      { op: 'set', path: '/displayName', value: displayName },
      { op: 'set', path: '/entraRoles', value: entraRoles },
      { op: 'set', path: '/lastSeenAt', value: lastSeenAt },
    ];
    return items.patch([tenantId], userId, operations);
  }

  /** null when somebody else created the user first. */
  async function create(signIn: SignIn): Promise<UserItem | null> {
    try {
      return (await items.create(toItem({ ...signIn, ...NEVER_ADMINISTERED }))).value;
    } catch (error) {
      if (isAppError(error, 'conflict')) return null;
      throw error;
    }
  }

  return {
    async find(tenantId, userId) {
      const found = await items.read([tenantId], userId);
      return found && toVersioned(found);
    },
    async list(tenantId, query) {
      const page = await items.page([tenantId], 'SELECT * FROM c', query);
      return { ...page, items: page.items.map(toUser) };
    },
    async recordSignIn(signIn) {
      const recorded = (await refresh(signIn)) ?? (await create(signIn)) ?? (await refresh(signIn));
      if (!recorded) throw new AppError('conflict', 'Your account was removed while you signed in. Sign in again.');
      return toUser(recorded);
    },
    async replace(user, etag) {
      const replaced = await items.replace([user.tenantId], toItem(user), etag);
      if (!replaced) throw new AppError('precondition_failed', 'The user was removed meanwhile.');
      return toVersioned(replaced);
    },
    remove: (tenantId, userId, etag) => items.remove([tenantId], userId, etag),
  };
}
