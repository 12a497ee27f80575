import type { PatchOperation } from '@azure/cosmos';
import { AppError, isAppError } from '../../errors.ts';
import type { User, UserRepository } from '../../tenants/tenant.ts';
import type { Cosmos } from './client.ts';
import { createItemStore } from './item-store.ts';

interface UserItem extends Omit<User, 'userId'> {
  readonly id: User['userId'];
}

function toUser({ id, ...user }: UserItem): User {
  return { ...user, userId: id };
}

export function createUserRepository(cosmos: Cosmos): UserRepository {
  const items = createItemStore<UserItem>(cosmos, 'users');

  async function refresh({ tenantId, userId, displayName, roles, lastSeenAt }: Omit<User, 'status'>) {
    const operations: PatchOperation[] = [
      { op: 'set', path: '/displayName', value: displayName },
      { op: 'set', path: '/roles', value: roles },
      { op: 'set', path: '/lastSeenAt', value: lastSeenAt },
    ];
    return items.patch([tenantId], userId, operations);
  }

  /** null when somebody else created the user first. */
  async function create({ userId, ...user }: Omit<User, 'status'>): Promise<UserItem | null> {
    try {
      return (await items.create({ ...user, id: userId, status: 'active' })).value;
    } catch (error) {
      if (isAppError(error, 'conflict')) return null;
      throw error;
    }
  }

  return {
    async find(tenantId, userId) {
      const found = await items.read([tenantId], userId);
      return found && toUser(found.value);
    },
    async recordSignIn(user) {
      const recorded = (await refresh(user)) ?? (await create(user)) ?? (await refresh(user));
      if (!recorded) throw new AppError('conflict', 'Your account was removed while you signed in. Sign in again.');
      return toUser(recorded);
    },
  };
}
