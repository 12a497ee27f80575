import type { Role } from '../contracts/access.ts';
import type { Permission } from '../contracts/me.ts';

/** The one table that says what a role may do. */
export const permissionsOfRole: Readonly<Record<Role, readonly Permission[]>> = {
  Member: ['chat:use', 'knowledge:read'],
  KnowledgeManager: ['chat:use', 'knowledge:read', 'knowledge:write', 'knowledge:admin'],
  Auditor: ['audit:read', 'usage:read'],
  FinanceViewer: ['usage:read'],
  TenantAdmin: [
    'chat:use',
    'knowledge:read',
    'knowledge:write',
    'knowledge:admin',
    'usage:read',
    'audit:read',
    'tools:admin',
    'tenant:admin',
  ],
  PlatformAdmin: ['usage:read', 'audit:read', 'tools:admin', 'tenant:admin', 'platform:admin'],
};

export function permissionsOf(roles: readonly Role[]): ReadonlySet<Permission> {
  return new Set(roles.flatMap((role) => permissionsOfRole[role]));
}
