import type { TenantId, UserId } from '../contracts/identifiers.ts';
import type { Page, PageQuery } from '../contracts/paging.ts';
import type { User } from '../contracts/users.ts';
import type { Versioned } from '../versioned.ts';

/** What a sign-in tells of somebody. */
export type SignIn = Pick<User, 'tenantId' | 'userId' | 'displayName' | 'entraRoles' | 'lastSeenAt'>;

export interface UserRepository {
  find(tenantId: TenantId, userId: UserId): Promise<Versioned<User> | null>;
  list(tenantId: TenantId, page: PageQuery): Promise<Page<User>>;
  /** Creates or refreshes a user; what administrators set stays as it is. */
  recordSignIn(signIn: SignIn): Promise<User>;
  /** @throws AppError `precondition_failed` when it is no longer what `etag` named, or gone. */
  replace(user: User, etag: string): Promise<Versioned<User>>;
  /** Does nothing when it is gone already. @throws AppError `precondition_failed` when it is not what `etag` named. */
  remove(tenantId: TenantId, userId: UserId, etag: string): Promise<void>;
}
