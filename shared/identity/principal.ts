import type { Access, Role } from '../contracts/access.ts';
import type { PrincipalId, TenantId } from '../contracts/identifiers.ts';
import type { Permission } from '../contracts/me.ts';
import type { Policy } from '../contracts/policy.ts';

/** A tenant on the way up to its organisation, with what it allows when all above it is taken into account. */
export interface TenantLink {
  readonly id: TenantId;
  readonly policy: Policy;
}

/** Who acts, proved by a token or an API key: the only source of tenant and access in the whole system. */
export interface Principal {
  /** A person, or a program that came with an API key. */
  readonly kind: 'user' | 'service';
  readonly tenantId: TenantId;
  readonly tenantName: string;
  /** The principal's own tenant first, its organisation last. */
  readonly tenantChain: readonly [TenantLink, ...TenantLink[]];
  /** The Entra object id of a person; the id of the API key of a service. */
  readonly userId: PrincipalId;
  readonly displayName: string;
  readonly roles: readonly Role[];
  readonly groups: readonly string[];
  readonly permissions: ReadonlySet<Permission>;
  /** The only knowledge bases that an API key may touch; null leaves it to their access lists. */
  readonly knowledgeBaseIds: readonly string[] | null;
}

/** The grant that everybody of the tenant holds. */
export const EVERYBODY = 'tenant';

/** The entries of an access list, as grants, that let a principal read; none means that it may not. */
export function matchingGrants(principal: Principal, access: Access): string[] {
  return grantsOf({
    visibility: access.visibility,
    users: access.users.filter((user) => user === principal.userId),
    groups: access.groups.filter((group) => principal.groups.includes(group)),
    roles: access.roles.filter((role) => principal.roles.includes(role)),
  });
}

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

/** Those that not everybody of the tenant holds. */
export function restrictingGrants(grants: readonly string[]): string[] {
  return grants.filter((grant) => grant !== EVERYBODY);
}
