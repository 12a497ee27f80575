import { createHash } from 'node:crypto';
import type { Role } from '../contracts/access.ts';
import type { TenantId, UserId } from '../contracts/identifiers.ts';
import type { Page, PageQuery } from '../contracts/paging.ts';
import type { UpdateUser, User } from '../contracts/users.ts';
import { AppError } from '../errors.ts';
import { permissionsOf } from '../identity/permissions.ts';
import type { Principal } from '../identity/principal.ts';
import type { Versioned } from '../versioned.ts';
import { whileOvertaken } from '../while-overtaken.ts';
import { administeredOrganisation, isPlatformAdmin, requireMatch, requireSomebodyAbove } from './administered.ts';
import type { TenantRepository } from './tenant.ts';
import type { UserRepository } from './user-repository.ts';

const CONTENTION = {
  attempts: 10,
  jitter: 20,
  message: 'This person is being changed by many at once. Try again.',
};

export interface UserKey {
  readonly tenantId: TenantId;
  readonly userId: UserId;
}

/** People who have signed in, as the administrators of their tenant see them; of any other tenant: `not_found`. */
export interface Users {
  list(principal: Principal, tenantId: TenantId, page: PageQuery): Promise<Page<User>>;
  get(principal: Principal, key: UserKey): Promise<Versioned<User>>;
  /** @throws AppError `forbidden` for oneself, somebody who may do more, or a role that may do more; `precondition_failed` */
  update(principal: Principal, key: UserKey, change: UpdateUser, ifMatch?: string): Promise<Versioned<User>>;
}

export function createUsers(tenants: TenantRepository, users: UserRepository): Users {
  async function find(principal: Principal, { tenantId, userId }: UserKey): Promise<Versioned<User>> {
    await administeredOrganisation(tenants, principal, tenantId);
    const found = await users.find(tenantId, userId);
    if (!found) throw new AppError('not_found', 'There is no such user; people are known from their first sign-in.');
    return found;
  }

  return {
    async list(principal, tenantId, page) {
      await administeredOrganisation(tenants, principal, tenantId);
      return users.list(tenantId, page);
    },
    async get(principal, key) {
      const { value } = await find(principal, key);
      return { value, etag: etagOf(value) };
    },
    async update(principal, key, change, ifMatch) {
      const { value } = await whileOvertaken(
        {
          async read() {
            const found = await find(principal, key);
            requireMayChange(principal, found.value, change.assignedRoles ?? []);
            requireMatch(ifMatch, etagOf(found.value));
            return found;
          },
          write: (found) => users.replace(withChange(found.value, change), found.etag),
        },
        CONTENTION,
      );
      return { value, etag: etagOf(value) };
    },
  };
}

/** Of what administrators set, so that a sign-in in between is no conflict. */
function etagOf({ status, assignedRoles, legalHold }: User): string {
  const digest = createHash('sha256').update(JSON.stringify([status, assignedRoles, legalHold]));
  return `"${digest.digest('base64url')}"`;
}

function withChange(user: User, { status, assignedRoles, legalHold }: UpdateUser): User {
  return {
    ...user,
    status: status ?? user.status,
    assignedRoles: assignedRoles ?? user.assignedRoles,
    legalHold: legalHold ?? user.legalHold,
  };
}

function requireMayChange(principal: Principal, user: User, assigned: readonly Role[]): void {
  requireSomebodyAbove(user.userId === principal.userId);
  requireNotAbove(principal, user, assigned);
}

/** @throws AppError `forbidden` for somebody, or with roles, that may do more than the principal. */
export function requireNotAbove(principal: Principal, user: User, assigned: readonly Role[] = []): void {
  if (isPlatformAdmin(principal)) return;
  const powers = permissionsOf([...user.entraRoles, ...user.assignedRoles, ...assigned]);
  if (powers.isSubsetOf(principal.permissions)) return;
  throw new AppError('forbidden', 'This person or role may do more than you. Ask somebody above you.');
}
