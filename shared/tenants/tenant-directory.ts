import { createExpiringCache } from './expiring-cache.ts';
import type { Tenant, TenantRepository } from './tenant.ts';

const LIFETIME_MILLISECONDS = 30_000;
const MAX_TENANTS = 10_000;

/** Finds tenants for sign-in; an answer may be 30 seconds old. */
export interface TenantDirectory {
  byEntraTenant(entraTenantId: string): Promise<Tenant | null>;
}

export function createTenantDirectory(repository: TenantRepository, now: () => Date): TenantDirectory {
  const byEntraTenant = createExpiringCache({
    load: (entraTenantId) => repository.findByEntraTenant(entraTenantId),
    lifetimeMilliseconds: LIFETIME_MILLISECONDS,
    maxEntries: MAX_TENANTS,
    now,
  });
  return { byEntraTenant };
}
