import { createGraphGroups } from '../adapters/entra/graph-groups.ts';
import { createEntraTokenVerifier } from '../adapters/entra/token-verifier.ts';
import { announceBudgetWarning } from '../audit/announce-budget-warning.ts';
import { createAudit } from '../audit/audit.ts';
import { recordSignIns } from '../audit/sign-ins.ts';
import type { Config } from '../config.ts';
import type { newId } from '../identifiers.ts';
import { createApiKeyAuthenticator } from '../identity/api-key-authenticator.ts';
import { createAuthenticator } from '../identity/authenticator.ts';
import { noGroupDirectory, rememberGroups } from '../identity/group-directory.ts';
import { createTokenRateLimiter } from '../limits/create-token-rate-limiter.ts';
import type { PriceBook } from '../models/price-book.ts';
import type { Logger } from '../telemetry/logger.ts';
import { administeredOrganisation } from '../tenants/administered.ts';
import { allTenants } from '../tenants/all-tenants.ts';
import { createApiKeys } from '../tenants/api-keys.ts';
import { createTenantDirectory } from '../tenants/tenant-directory.ts';
import { createTenants } from '../tenants/tenants.ts';
import { createUserDirectory } from '../tenants/user-directory.ts';
import { createUsers } from '../tenants/users.ts';
import { groupUsage } from '../usage/grouped-usage-queue.ts';
import { createUsage } from '../usage/usage.ts';
import { createUsageMeter } from '../usage/usage-meter.ts';
import type { Stores } from './stores.ts';

interface GovernanceOptions {
  readonly config: Config;
  readonly stores: Stores;
  readonly prices: PriceBook;
  readonly newId: typeof newId;
  readonly now: () => Date;
  readonly log: Logger;
}

/** Who may do what, for how much, and on which record. */
export function createGovernance({ config, stores, prices, newId: id, now, log }: GovernanceOptions) {
  const directory = createTenantDirectory(stores.tenants, now);
  const tenants = createTenants({ repository: stores.tenants, newId: id, now });
  const audit = createAudit({
    repository: stores.audit,
    blocks: stores.auditBlocks,
    tenants: () => allTenants(stores.tenants),
    tenantOf: async (principal, tenantId) => {
      const [{ value }, { policy }] = await Promise.all([
        tenants.get(principal, tenantId),
        tenants.effectivePolicy(principal, tenantId),
      ]);
      return { id: tenantId, createdAt: value.createdAt, retentionDays: policy.retentionDays?.audit ?? null };
    },
    newId: id,
    now,
    log,
  });
  const verifier = createEntraTokenVerifier(config.auth);
  const groups = config.graph ? rememberGroups(createGraphGroups(config.graph), now) : noGroupDirectory;
  const authenticator = createAuthenticator({
    verifier,
    apiKeys: createApiKeyAuthenticator({ keys: stores.apiKeys, tenants: directory, now }),
    groups,
    platformAdminTenants: config.auth.platformAdminTenants,
    tenants: directory,
    users: createUserDirectory(stores.users, now),
    bypassClaims: config.auth.devBypass ? config.auth.devClaims : undefined,
  });
  return {
    directory,
    groups,
    tenants,
    users: createUsers(stores.tenants, stores.users),
    apiKeys: createApiKeys({ keys: stores.apiKeys, tenants: stores.tenants, newId: id, now }),
    audit,
    authenticator: recordSignIns(authenticator, audit, now),
    limiter: createTokenRateLimiter({
      store: stores.counters,
      log,
      now,
      onBudgetWarning: (warning) => announceBudgetWarning(warning, { log, audit }),
    }),
    meter: createUsageMeter({ queue: groupUsage(stores.usageQueue), prices, newId: id, now, log }),
    usage: createUsage({
      repository: stores.usage,
      organisationOf: async (principal, tenantId) =>
        (await administeredOrganisation(stores.tenants, principal, tenantId)).value.id,
      log,
    }),
    dependency: verifier.dependency,
  };
}

export type Governance = ReturnType<typeof createGovernance>;
