import type { EntraMapping } from '../contracts/tenants.ts';
import { AppError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import { isPlatformAdmin } from './administered.ts';
import { isWithin } from './organisation.ts';
import type { Organisation } from './tenant.ts';

/**
 * Keeps administrators from drawing in people who are not theirs: they may map an Entra tenant only when all of its
 * people are in their own tenant or below it already.
 * @throws AppError `forbidden`
 */
export function requireMayMap(principal: Principal, organisation: Organisation, mapping: EntraMapping | null): void {
  if (mapping === null || isPlatformAdmin(principal)) return;
  const mapped = organisation.tenants.filter((tenant) => tenant.mapping?.entraTenantId === mapping.entraTenantId);
  const areTheirs = mapped.every(({ id }) => isWithin(organisation, id, principal.tenantId));
  if (mapped.length > 0 && areTheirs) return;
  throw new AppError(
    'forbidden',
    'You may map only people who are in your own tenant already. Ask somebody above you.',
  );
}
