import type { TenantId } from '../../contracts/identifiers.ts';
import type { EntraMapping, Tenant } from '../../contracts/tenants.ts';
import { AppError, isAppError } from '../../errors.ts';
import type { Organisation } from '../../tenants/tenant.ts';
import type { Versioned } from '../../versioned.ts';
import type { Cosmos } from './client.ts';
import { createItemStore } from './item-store.ts';

/** Leads from what a request knows, a tenant or an Entra tenant, to the organisation: one point read. */
interface LinkItem {
  readonly id: string;
  readonly organisationId: TenantId;
  readonly claimedAt: string;
}

type LinkKey = Pick<EntraMapping, 'entraTenantId'> | { readonly tenantId: TenantId };
type FindOrganisation = (id: TenantId) => Promise<Versioned<Organisation> | null>;

/** After this a claim that no mapping followed was interrupted, and another organisation may take the Entra tenant. */
const CLAIM_LIFETIME_MILLISECONDS = 120_000;

export function linkIdOf(key: LinkKey): string {
  return 'tenantId' in key ? `tenant:${key.tenantId}` : `entra:${key.entraTenantId.toLowerCase()}`;
}

export function createOrganisationLinks(cosmos: Cosmos, findOrganisation: FindOrganisation) {
  const items = createItemStore<LinkItem>(cosmos, 'tenants');

  async function claim(link: LinkItem): Promise<void> {
    try {
      await items.create(link);
    } catch (error) {
      if (!isAppError(error, 'conflict')) throw error;
      await takeOver(link);
    }
  }

  async function takeOver(link: LinkItem): Promise<void> {
    const held = await items.read([link.id], link.id);
    if (held?.value.organisationId === link.organisationId) return;
    if (!held || !(await isAbandoned(held.value))) {
      throw new AppError('conflict', 'This Entra tenant belongs to another organisation already.');
    }
    await items.replace([link.id], link, held.etag);
  }

  async function isAbandoned({ id, organisationId, claimedAt }: LinkItem): Promise<boolean> {
    if (Date.now() - Date.parse(claimedAt) < CLAIM_LIFETIME_MILLISECONDS) return false;
    const tenants = (await findOrganisation(organisationId))?.value.tenants ?? [];
    return !tenants.some(({ mapping }) => mapping && linkIdOf(mapping) === id);
  }

  return {
    async find(linkId: string): Promise<TenantId | null> {
      return (await items.read([linkId], linkId))?.value.organisationId ?? null;
    },

    /** @throws AppError `conflict` when an Entra tenant belongs to another organisation. */
    async claim({ id: organisationId }: Organisation, tenants: readonly Tenant[]): Promise<void> {
      const claimedAt = new Date().toISOString();
      const entraTenants = tenants.flatMap(({ mapping }) => (mapping ? [linkIdOf(mapping)] : []));
      const own = tenants.map(({ id }) => linkIdOf({ tenantId: id }));
      for (const id of new Set([...entraTenants, ...own])) await claim({ id, organisationId, claimedAt });
    },
  };
}
