import type { TenantId } from '../contracts/identifiers.ts';
import type { Policy } from '../contracts/policy.ts';
import type { Tenant } from '../contracts/tenants.ts';
import type { User } from '../contracts/users.ts';
import type { TenantLink } from './principal.ts';

/** A tenant as those who work in it meet it: with all that is above it taken into account. */
export interface DirectoryTenant {
  readonly id: TenantId;
  readonly name: string;
  /** Suspended with everything above it. */
  readonly status: Tenant['status'];
  readonly organisationId: TenantId;
  /** Effective policies; the tenant itself first, its organisation last. */
  readonly tenantChain: readonly [TenantLink, ...TenantLink[]];
}

/** Finds tenants for sign-in and for work in the background; an answer may be 30 seconds old. */
export interface TenantDirectory {
  /** @throws AppError `forbidden`, with the reason, for people who belong to no tenant. */
  resolve(entraTenantId: string, groups: readonly string[]): Promise<DirectoryTenant>;
  byId(tenantId: TenantId): Promise<DirectoryTenant | null>;
}

/** What holds for a tenant while nobody is signed in; nothing for one that is gone, whose work goes with it. */
export async function policyOf(tenants: Pick<TenantDirectory, 'byId'>, tenantId: TenantId): Promise<Policy> {
  return (await tenants.byId(tenantId))?.tenantChain[0].policy ?? {};
}

/** Keeps our copy of the people who sign in; a change by an administrator is in force within 30 seconds. */
export interface UserDirectory {
  seen(person: Pick<User, 'tenantId' | 'userId' | 'displayName' | 'entraRoles'>): Promise<User>;
}
