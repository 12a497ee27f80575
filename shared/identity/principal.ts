import type { Access, Role } from '../contracts/access.ts';
import type { TenantId, UserId } from '../contracts/identifiers.ts';
import type { Permission } from '../contracts/me.ts';

/** Who acts, proved by a token: the only source of tenant and access in the whole system. */
export interface Principal {
  readonly tenantId: TenantId;
  readonly tenantName: string;
  readonly userId: UserId;
  readonly displayName: string;
  readonly roles: readonly Role[];
  readonly groups: readonly string[];
  readonly permissions: ReadonlySet<Permission>;
}

/** Says whether an access list lets a principal read. Nothing listed means nobody. */
export function mayRead(principal: Principal, access: Access): boolean {
  if (access.visibility === 'tenant') return true;
  return (
    access.users.includes(principal.userId) ||
    access.groups.some((group) => principal.groups.includes(group)) ||
    access.roles.some((role) => principal.roles.includes(role))
  );
}

const EVERYBODY = 'tenant';

/** An access list as flat grants, the form in which the vector store keeps it with every chunk. */
export function grantsOf(access: Access): string[] {
  if (access.visibility === 'tenant') return [EVERYBODY];
  return [
    ...access.users.map((user) => `user:${user}`),
    ...access.groups.map((group) => `group:${group}`),
    ...access.roles.map((role) => `role:${role}`),
  ];
}

/** The grants that a principal holds; it may read what lists at least one of them. */
export function grantsHeldBy(principal: Principal): string[] {
  return [
    EVERYBODY,
    `user:${principal.userId}`,
    ...principal.groups.map((group) => `group:${group}`),
    ...principal.roles.map((role) => `role:${role}`),
  ];
}
