import type { TenantId } from '../contracts/identifiers.ts';
import type { Tenant } from '../contracts/tenants.ts';
import { AppError } from '../errors.ts';
import type { DirectoryTenant, TenantDirectory } from '../identity/directory.ts';
import { createExpiringCache } from '../identity/expiring-cache.ts';
import type { TenantLink } from '../identity/principal.ts';
import { effectivePolicyOf } from './effective-policy.ts';
import { mappedTenant } from './mapped-tenant.ts';
import { chainOf, isSuspended, tenantOf } from './organisation.ts';
import type { Organisation, TenantRepository } from './tenant.ts';

const LIFETIME_MILLISECONDS = 30_000;
const MAX_KEYS = 20_000;
const MAX_ORGANISATIONS = 200;

export function createTenantDirectory(repository: TenantRepository, now: () => Date): TenantDirectory {
  const lifetime = { lifetimeMilliseconds: LIFETIME_MILLISECONDS, now };
  const byEntraTenant = createExpiringCache({
    ...lifetime,
    load: (entraTenantId) => repository.organisationOf({ entraTenantId }),
    maxEntries: MAX_KEYS,
  });
  const byTenant = createExpiringCache({
    ...lifetime,
    load: (tenantId) => repository.organisationOf({ tenantId }),
    maxEntries: MAX_KEYS,
  });
  const organisations = createExpiringCache({
    ...lifetime,
    load: async (id) => {
      const found = await repository.find(id);
      return found && { organisation: found.value, tenants: new Map<TenantId, DirectoryTenant>() };
    },
    maxEntries: MAX_ORGANISATIONS,
  });

  async function organisationOf(id: TenantId | null) {
    return id === null ? null : organisations(id);
  }

  return {
    async resolve(entraTenantId, groups) {
      const known = await organisationOf(await byEntraTenant(entraTenantId.toLowerCase()));
      if (!known) {
        throw new AppError('forbidden', 'Your organisation is not onboarded. Ask your administrator to register it.');
      }
      const tenant = mappedTenant(known.organisation, entraTenantId, groups);
      if (tenant) return describe(known, tenant.id);
      throw new AppError(
        'forbidden',
        'You are in none of the groups that are let in. Ask your administrator to add you to one.',
      );
    },
    async byId(tenantId) {
      const known = await organisationOf(await byTenant(tenantId));
      return known && tenantOf(known.organisation, tenantId) ? describe(known, tenantId) : null;
    },
  };
}

interface KnownOrganisation {
  readonly organisation: Organisation;
  /** Those that were asked for already: their policies are worked out once. */
  readonly tenants: Map<TenantId, DirectoryTenant>;
}

function describe({ organisation, tenants }: KnownOrganisation, id: TenantId): DirectoryTenant {
  const known = tenants.get(id);
  if (known) return known;
  const [own, ...above] = chainOf(organisation, id);
  const chain = [own, ...above] as const;
  const link = ({ id: linkId }: Tenant): TenantLink => ({
    id: linkId,
    policy: effectivePolicyOf(chainOf(organisation, linkId)).policy,
  });
  const described: DirectoryTenant = {
    id,
    name: own.name,
    status: isSuspended(chain) ? 'suspended' : 'active',
    organisationId: organisation.id,
    tenantChain: [link(own), ...above.map(link)],
  };
  tenants.set(id, described);
  return described;
}
