import type { TenantId, UserId } from '../contracts/identifiers.ts';
import type { Page } from '../contracts/paging.ts';
import type { Policy } from '../contracts/policy.ts';
import type { Tenant } from '../contracts/tenants.ts';
import type { User } from '../contracts/users.ts';
import type { Logger } from '../telemetry/logger.ts';
import { effectivePolicyOf } from '../tenants/effective-policy.ts';
import { chainOf } from '../tenants/organisation.ts';
import type { TenantRepository } from '../tenants/tenant.ts';
import type { UserRepository } from '../tenants/user-repository.ts';
import type { Expirer } from './expirer.ts';

/** Within the time of a function; what is left is removed the next time. */
const MAX_RUN_MILLISECONDS = 8 * 60_000;
const DAY_MILLISECONDS = 24 * 60 * 60 * 1000;
const USERS_AT_ONCE = 100;

export interface Retention {
  /** Removes what the policies of all tenants no longer keep. Safe to run again, and twice at once. */
  expire(): Promise<void>;
}

export function createRetention(options: {
  readonly tenants: Pick<TenantRepository, 'find' | 'list'>;
  readonly users: Pick<UserRepository, 'list'>;
  readonly expirers: readonly Expirer[];
  readonly now: () => Date;
  readonly log: Logger;
}): Retention {
  const { tenants, users, expirers, now, log } = options;

  async function peopleOf(tenantId: TenantId) {
    const people: UserId[] = [];
    const held = new Set<string>();
    let continuation: string | null | undefined;
    while (continuation !== null) {
      const page: Page<User> = await users.list(tenantId, {
        limit: USERS_AT_ONCE,
        ...(continuation !== undefined && { continuation }),
      });
      for (const { userId, legalHold } of page.items) {
        if (legalHold) held.add(userId);
        else people.push(userId);
      }
      continuation = page.continuation;
    }
    return { people, held };
  }

  async function expireTenant(
    { id: tenantId, createdAt }: Pick<Tenant, 'id' | 'createdAt'>,
    keptDays: RetentionDays,
    isTimeUp: () => boolean,
  ): Promise<void> {
    const due = expirers.filter(({ kind }) => keptDays[kind] !== undefined);
    if (due.length === 0) return;
    const people = await peopleOf(tenantId);
    const removed: Record<string, number> = {};
    for (const { kind, expire } of due) {
      const before = new Date(now().getTime() - (keptDays[kind] ?? 0) * DAY_MILLISECONDS).toISOString();
      removed[kind] = await expire({ tenantId, createdAt, before, ...people, isTimeUp });
    }
    log.info('retention applied', { tenantId, ...removed, held: people.held.size });
  }

  return {
    async expire() {
      const until = now().getTime() + MAX_RUN_MILLISECONDS;
      const isTimeUp = () => now().getTime() > until;
      for (const { id } of await tenants.list()) {
        const organisation = (await tenants.find(id))?.value;
        for (const tenant of organisation?.tenants ?? []) {
          if (!organisation) break;
          if (isTimeUp()) return log.warn('retention goes on the next time', { tenantId: tenant.id });
          const { retentionDays } = effectivePolicyOf(chainOf(organisation, tenant.id)).policy;
          // One tenant's failure is not the others'.
          await expireTenant(tenant, retentionDays ?? {}, isTimeUp).catch((error: unknown) =>
            log.error('retention failed', { tenantId: tenant.id, error }),
          );
        }
      }
    },
  };
}

type RetentionDays = NonNullable<Policy['retentionDays']>;
