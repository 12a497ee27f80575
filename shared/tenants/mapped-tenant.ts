import type { Tenant } from '../contracts/tenants.ts';
import { chainOf } from './organisation.ts';
import type { Organisation } from './tenant.ts';

/**
 * The tenant of a person by the mappings of an organisation: the deepest that is mapped to one of the groups, of several
 * the one that was created first, else the one for everybody of the Entra tenant.
 */
export function mappedTenant(
  organisation: Organisation,
  entraTenantId: string,
  groups: readonly string[],
): Tenant | undefined {
  const tid = entraTenantId.toLowerCase();
  const held = new Set(groups.map((group) => group.toLowerCase()));
  const mapped = organisation.tenants.filter(({ mapping }) => mapping?.entraTenantId === tid);
  const byGroup = mapped.filter(({ mapping }) => mapping?.groupId && held.has(mapping.groupId));
  const depthOf = ({ id }: Tenant) => chainOf(organisation, id).length;
  const [deepest] = byGroup.sort((one, other) => depthOf(other) - depthOf(one) || (one.id < other.id ? -1 : 1));
  return deepest ?? mapped.find(({ mapping }) => mapping?.groupId === null);
}
