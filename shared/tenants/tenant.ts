import type { TenantId } from '../contracts/identifiers.ts';
import type { EntraMapping, Tenant } from '../contracts/tenants.ts';
import type { Versioned } from '../versioned.ts';

/**
 * A tree of tenants as one item, at most 1,000 of them: a move is one write, no circle can come about between two writers,
 * and one read is enough for every effective policy.
 */
export interface Organisation {
  /** The id of its topmost tenant. */
  readonly id: TenantId;
  readonly tenants: readonly Tenant[];
}

export interface TenantRepository {
  /** The organisation to which an Entra tenant's people or a tenant belong; null when there is none. */
  organisationOf(key: Pick<EntraMapping, 'entraTenantId'> | { readonly tenantId: TenantId }): Promise<TenantId | null>;
  find(organisationId: TenantId): Promise<Versioned<Organisation> | null>;
  /** Every organisation, for whoever runs the platform; at most 1,000. */
  list(): Promise<readonly { readonly id: TenantId; readonly name: string }[]>;
  /** @throws AppError `conflict` when the organisation, or the Entra tenant of a mapping, is taken. */
  create(organisation: Organisation): Promise<Versioned<Organisation>>;
  /** @throws AppError `precondition_failed` when it is no longer what `etag` named. */
  replace(organisation: Organisation, etag: string): Promise<Versioned<Organisation>>;
}
