import type { TenantId } from '../contracts/identifiers.ts';
import type { Page, PageQuery } from '../contracts/paging.ts';
import type { EffectivePolicy } from '../contracts/policy.ts';
import type { CreateTenant, Tenant, UpdateTenant } from '../contracts/tenants.ts';
import { AppError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import type { Versioned } from '../versioned.ts';
import { administeredOrganisation, isPlatformAdmin, requireMatch, requireSomebodyAbove } from './administered.ts';
import { changeOrganisation } from './change-organisation.ts';
import { effectivePolicyOf } from './effective-policy.ts';
import { requireMayMap } from './mapping-permission.ts';
import { addTenant, chainOf, isWithin, moveTenant, requireTenant, subtreeOf, updateTenant } from './organisation.ts';
import type { Organisation, TenantRepository } from './tenant.ts';

/**
 * The tree of tenants as its administrators see it: their own tenant and all below it; everything for who runs the
 * platform. What is not theirs is `not_found`.
 */
export interface Tenants {
  /** In the order of the tree. For who runs the platform, a page holds `limit` whole organisations. */
  list(principal: Principal, page: PageQuery): Promise<Page<Tenant>>;
  get(principal: Principal, id: TenantId): Promise<Versioned<Tenant>>;
  effectivePolicy(principal: Principal, id: TenantId): Promise<EffectivePolicy>;
  /** @throws AppError `conflict` for a mapping that is taken, `unprocessable` for a tree that gets too large or too deep. */
  create(principal: Principal, body: CreateTenant): Promise<Versioned<Tenant>>;
  /** @throws AppError `forbidden` for the policy or status of the principal's own tenant, `precondition_failed` */
  update(principal: Principal, id: TenantId, change: UpdateTenant, ifMatch?: string): Promise<Versioned<Tenant>>;
  /** @throws AppError `forbidden` for the principal's own tenant, `unprocessable` for a circle, `precondition_failed` */
  move(principal: Principal, id: TenantId, parentId: TenantId, ifMatch?: string): Promise<Versioned<Tenant>>;
}

export function createTenants(options: {
  readonly repository: TenantRepository;
  readonly newId: (prefix: 'ten') => string;
  readonly now: () => Date;
}): Tenants {
  const { repository, newId, now } = options;
  const organisationOf = (principal: Principal, id: TenantId) => administeredOrganisation(repository, principal, id);

  function newTenant(body: CreateTenant): Tenant {
    const at = now().toISOString();
    return { ...body, id: newId('ten'), status: 'active', createdAt: at, updatedAt: at };
  }

  async function createOrganisation(principal: Principal, tenant: Tenant): Promise<Versioned<Tenant>> {
    if (!isPlatformAdmin(principal)) {
      throw new AppError('forbidden', 'Only who runs the platform may onboard an organisation.');
    }
    return versioned((await repository.create({ id: tenant.id, tenants: [tenant] })).value, tenant.id);
  }

  async function change(
    principal: Principal,
    id: TenantId,
    ifMatch: string | undefined,
    step: (organisation: Organisation) => Organisation,
  ): Promise<Versioned<Tenant>> {
    const changed = await changeOrganisation(
      repository,
      () => organisationOf(principal, id),
      (organisation) => {
        requireMatch(ifMatch, versioned(organisation, id).etag);
        return step(organisation);
      },
    );
    return versioned(changed, id);
  }

  return {
    async list(principal, page) {
      if (isPlatformAdmin(principal)) return pageOfOrganisations(repository, page);
      const { value } = await organisationOf(principal, principal.tenantId);
      return { items: subtreeOf(value, principal.tenantId), continuation: null };
    },
    async get(principal, id) {
      return versioned((await organisationOf(principal, id)).value, id);
    },
    async effectivePolicy(principal, id) {
      return effectivePolicyOf(chainOf((await organisationOf(principal, id)).value, id));
    },
    async create(principal, body) {
      const { parentId } = body;
      const tenant = newTenant(body);
      if (parentId === null) return createOrganisation(principal, tenant);
      const grown = await changeOrganisation(
        repository,
        () => organisationOf(principal, parentId),
        (organisation) => {
          requireMayMap(principal, organisation, tenant.mapping);
          return addTenant(organisation, { ...tenant, parentId });
        },
      );
      return versioned(grown, tenant.id);
    },
    update(principal, id, changes, ifMatch) {
      const isPowerful = changes.policy !== undefined || changes.status !== undefined;
      const isOwn = id === principal.tenantId && !isPlatformAdmin(principal);
      requireSomebodyAbove(isPowerful && isOwn);
      return change(principal, id, ifMatch, (organisation) => updateTenant(organisation, id, changes, now()));
    },
    move(principal, id, parentId, ifMatch) {
      requireSomebodyAbove(id === principal.tenantId && !isPlatformAdmin(principal));
      return change(principal, id, ifMatch, (organisation) => {
        const top = isPlatformAdmin(principal) ? organisation.id : principal.tenantId;
        if (!isWithin(organisation, parentId, top)) throw new AppError('not_found', 'There is no such tenant.');
        return moveTenant(organisation, id, parentId, now());
      });
    },
  };
}

function versioned(organisation: Organisation, id: TenantId): Versioned<Tenant> {
  const value = requireTenant(organisation, id);
  return { value, etag: `"${value.updatedAt}"` };
}

/** Continues after the last organisation of the page before, in the order of their ids, which is that of creation. */
async function pageOfOrganisations(repository: TenantRepository, page: PageQuery): Promise<Page<Tenant>> {
  const ids = (await repository.list()).map(({ id }) => id).sort();
  const after = page.continuation ?? '';
  const left = ids.filter((id) => id > after);
  const shown = left.slice(0, page.limit);
  const found = await Promise.all(shown.map((id) => repository.find(id)));
  return {
    items: found.flatMap((organisation) => (organisation ? subtreeOf(organisation.value, organisation.value.id) : [])),
    continuation: left.length > shown.length ? (shown.at(-1) ?? null) : null,
  };
}
