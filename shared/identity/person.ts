import type { User } from '../contracts/users.ts';
import type { DirectoryTenant } from './directory.ts';
import { permissionsOf } from './permissions.ts';
import type { Principal } from './principal.ts';

/** A person as a principal: with the roles of the token and those that administrators added. */
export function principalOf(tenant: DirectoryTenant, user: User, groups: readonly string[]): Principal {
  const roles = [...new Set([...user.entraRoles, ...user.assignedRoles])];
  return {
    kind: 'user',
    tenantId: tenant.id,
    tenantName: tenant.name,
    tenantChain: tenant.tenantChain,
    userId: user.userId,
    displayName: user.displayName,
    roles,
    groups,
    permissions: permissionsOf(roles),
    knowledgeBaseIds: null,
  };
}

/** Why nobody of a tenant is let in; null when they are. */
export function refusalOfTenant(tenant: Pick<DirectoryTenant, 'name' | 'status'>): string | null {
  return tenant.status === 'active' ? null : `${tenant.name} is suspended. Ask your administrator.`;
}

/** Why a person is not let in; null when they are. */
export function refusalOfUser(user: Pick<User, 'status'>): string | null {
  return user.status === 'active' ? null : 'Your account is suspended. Ask your administrator.';
}
