import type { Role } from '../contracts/access.ts';
import type { Permission } from '../contracts/me.ts';
import { permissionsOfRole } from '../identity/permissions.ts';
import type { Principal } from '../identity/principal.ts';
import type { Finding } from './finding.ts';

/** Whether somebody holds a permission, and by which of their roles. */
export function explainPermission({ permissions, roles }: Principal, permission: Permission): Finding {
  const grants = (role: Role) => permissionsOfRole[role].includes(permission);
  if (permissions.has(permission)) {
    const because = roles
      .filter(grants)
      .map((role) => ({ kind: 'role', detail: `${role} has ${permission}` }) as const);
    return { holds: true, because };
  }
  const would = (Object.keys(permissionsOfRole) as Role[]).filter(grants).join(', ');
  return {
    holds: false,
    because: [{ kind: 'missing', detail: `No role of this person has ${permission}; these do: ${would}` }],
  };
}
