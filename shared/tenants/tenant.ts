import type { Role } from '../contracts/access.ts';
import type { TenantId, UserId } from '../contracts/identifiers.ts';

export interface Tenant {
  readonly id: TenantId;
  readonly name: string;
  /** The `tid` of the Entra tenant whose people belong here. */
  readonly entraTenantId: string;
  readonly status: 'active' | 'suspended';
  readonly createdAt: string;
}

export interface TenantRepository {
  findByEntraTenant(entraTenantId: string): Promise<Tenant | null>;
  /** Creates the tenant, or leaves it as it is when it is there. */
  ensure(tenant: Tenant): Promise<void>;
}

export interface User {
  readonly userId: UserId;
  readonly tenantId: TenantId;
  readonly displayName: string;
  readonly roles: readonly Role[];
  readonly status: 'active' | 'suspended';
  readonly lastSeenAt: string;
}

export interface UserRepository {
  find(tenantId: TenantId, userId: UserId): Promise<User | null>;
  /** Creates the user or refreshes name, roles and time; the status is left alone. */
  recordSignIn(user: Omit<User, 'status'>): Promise<User>;
}
