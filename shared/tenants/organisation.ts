import type { TenantId } from '../contracts/identifiers.ts';
import type { EntraMapping, Tenant, UpdateTenant } from '../contracts/tenants.ts';
import { AppError } from '../errors.ts';
import type { Organisation } from './tenant.ts';

/** Levels from an organisation down to its lowest team. */
export const MAX_DEPTH = 5;
export const MAX_TENANTS = 1_000;

export function tenantOf({ tenants }: Organisation, id: TenantId): Tenant | undefined {
  return tenants.find((tenant) => tenant.id === id);
}

/** @throws AppError `not_found` */
export function requireTenant(organisation: Organisation, id: TenantId): Tenant {
  const found = tenantOf(organisation, id);
  if (!found) throw new AppError('not_found', 'There is no such tenant.');
  return found;
}

/** The way up: the tenant itself first, its organisation last. @throws AppError `not_found` */
export function chainOf(organisation: Organisation, id: TenantId): [Tenant, ...Tenant[]] {
  const chain: [Tenant, ...Tenant[]] = [requireTenant(organisation, id)];
  let parentId = chain[0].parentId;
  while (parentId !== null && chain.length < MAX_DEPTH) {
    const parent = requireTenant(organisation, parentId);
    chain.push(parent);
    parentId = parent.parentId;
  }
  return chain;
}

/** Whether a tenant is `ancestorId` or lies below it. */
export function isWithin(organisation: Organisation, id: TenantId, ancestorId: TenantId): boolean {
  return chainOf(organisation, id).some((tenant) => tenant.id === ancestorId);
}

/** A tenant with all that lie below it, each after its parent and before its next sibling. */
export function subtreeOf(organisation: Organisation, id: TenantId): Tenant[] {
  const children = organisation.tenants.filter((tenant) => tenant.parentId === id);
  return [requireTenant(organisation, id), ...children.flatMap((child) => subtreeOf(organisation, child.id))];
}

/** A tenant is suspended with everything above it. */
export function isSuspended(chain: readonly Pick<Tenant, 'status'>[]): boolean {
  return chain.some(({ status }) => status === 'suspended');
}

/** @throws AppError `not_found` for the parent, `conflict` for the mapping, `unprocessable` for the size of the tree. */
export function addTenant(organisation: Organisation, tenant: Tenant & { readonly parentId: TenantId }): Organisation {
  if (organisation.tenants.length >= MAX_TENANTS) {
    throw new AppError('unprocessable', `An organisation can have at most ${MAX_TENANTS} tenants.`);
  }
  requireDepth(chainOf(organisation, tenant.parentId).length + 1);
  if (organisation.tenants.some(({ mapping }) => isSameMapping(mapping, tenant.mapping))) {
    throw new AppError('conflict', 'Another tenant of this organisation is mapped to the same people already.');
  }
  return { ...organisation, tenants: [...organisation.tenants, tenant] };
}

/** @throws AppError `not_found` */
export function updateTenant(
  organisation: Organisation,
  id: TenantId,
  { name, status, policy }: UpdateTenant,
  at: Date,
): Organisation {
  return replaceTenant(organisation, id, at, (tenant) => ({
    ...tenant,
    name: name ?? tenant.name,
    status: status ?? tenant.status,
    policy: policy ?? tenant.policy,
  }));
}

/** @throws AppError `not_found` for either, `unprocessable` for an organisation, a circle or a tree that gets too deep. */
export function moveTenant(organisation: Organisation, id: TenantId, parentId: TenantId, at: Date): Organisation {
  if (requireTenant(organisation, id).parentId === null) {
    throw new AppError('unprocessable', 'An organisation cannot be moved below a tenant.');
  }
  if (isWithin(organisation, parentId, id)) {
    throw new AppError('unprocessable', 'A tenant cannot be moved below itself.');
  }
  requireDepth(chainOf(organisation, parentId).length + heightOf(organisation, id));
  return replaceTenant(organisation, id, at, (tenant) => ({ ...tenant, parentId }));
}

/** Every change gives a tenant a later `updatedAt`, so that it tells one state of the tenant from any other. */
function replaceTenant(
  organisation: Organisation,
  id: TenantId,
  at: Date,
  change: (tenant: Tenant) => Tenant,
): Organisation {
  const before = requireTenant(organisation, id);
  const updatedAt = new Date(Math.max(at.getTime(), Date.parse(before.updatedAt) + 1)).toISOString();
  const after = { ...change(before), updatedAt };
  return { ...organisation, tenants: organisation.tenants.map((tenant) => (tenant.id === id ? after : tenant)) };
}

function heightOf(organisation: Organisation, id: TenantId): number {
  const depth = chainOf(organisation, id).length;
  const depths = subtreeOf(organisation, id).map((tenant) => chainOf(organisation, tenant.id).length);
  return Math.max(...depths) - depth + 1;
}

function requireDepth(depth: number): void {
  if (depth > MAX_DEPTH) throw new AppError('unprocessable', `Tenants can be at most ${MAX_DEPTH} levels deep.`);
}

function isSameMapping(one: EntraMapping | null, other: EntraMapping | null): boolean {
  if (!one || !other) return false;
  return one.entraTenantId === other.entraTenantId && one.groupId === other.groupId;
}
