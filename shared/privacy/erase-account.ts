import type { UserRepository } from '../tenants/user-repository.ts';
import type { Eraser } from './eraser.ts';

/** Our copy of the account. Somebody who is suspended stays so without a name: an erasure is no way back in. */
export function createAccountEraser(users: Pick<UserRepository, 'find' | 'replace' | 'remove'>): Eraser {
  return async ({ tenantId, userId }) => {
    const found = await users.find(tenantId, userId);
    if (!found) return {};
    if (found.value.status === 'active') await users.remove(tenantId, userId, found.etag);
    else if (found.value.displayName === '') return {};
    else await users.replace({ ...found.value, displayName: '', entraRoles: [], assignedRoles: [] }, found.etag);
    return { 'database/users': 1 };
  };
}
