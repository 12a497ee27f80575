import type { TenantId } from '../contracts/identifiers.ts';
import { AppError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import type { Versioned } from '../versioned.ts';
import { isWithin, tenantOf } from './organisation.ts';
import type { Organisation, TenantRepository } from './tenant.ts';

export function isPlatformAdmin(principal: Principal): boolean {
  return principal.permissions.has('platform:admin');
}

/**
 * The organisation around a tenant that a principal administers: its own, one below it, or any for who runs the platform.
 * @throws AppError `not_found` for any other, as for one that does not exist.
 */
export async function administeredOrganisation(
  repository: TenantRepository,
  principal: Principal,
  tenantId: TenantId,
): Promise<Versioned<Organisation>> {
  const organisationId = await repository.organisationOf({ tenantId });
  const found = organisationId === null ? null : await repository.find(organisationId);
  if (!found || !mayAdminister(principal, found.value, tenantId)) {
    throw new AppError('not_found', 'There is no such tenant.');
  }
  return found;
}

function mayAdminister(principal: Principal, organisation: Organisation, tenantId: TenantId): boolean {
  if (!tenantOf(organisation, tenantId)) return false;
  return isPlatformAdmin(principal) || isWithin(organisation, tenantId, principal.tenantId);
}

/** @throws AppError `forbidden` where administrators would decide about themselves. */
export function requireSomebodyAbove(isAboutThemselves: boolean): void {
  if (isAboutThemselves)
    throw new AppError('forbidden', 'You cannot change this for yourself. Ask somebody above you.');
}

/** @throws AppError `precondition_failed` when `ifMatch` was given and names another state. */
export function requireMatch(ifMatch: string | undefined, etag: string): void {
  if (ifMatch === undefined || ifMatch === '*' || ifMatch === etag) return;
  throw new AppError('precondition_failed', 'It was changed meanwhile. Read it again, then repeat the change.');
}
