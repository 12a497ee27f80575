import type { TenantId } from '../../contracts/identifiers.ts';
import { AppError } from '../../errors.ts';
import type { Organisation, TenantRepository } from '../../tenants/tenant.ts';
import type { Versioned } from '../../versioned.ts';
import type { Cosmos } from './client.ts';
import { createItemStore } from './item-store.ts';
import { createOrganisationIndex, nameOf } from './organisation-index.ts';
import { createOrganisationLinks, linkIdOf } from './organisation-links.ts';

/**
 * An organisation is one item. Links to it, and its place in the index, are written before it, so that a creation that
 * was interrupted leaves only things that the next one uses or replaces.
 */
export function createTenantRepository(cosmos: Cosmos): TenantRepository {
  const items = createItemStore<Organisation>(cosmos, 'tenants');
  const links = createOrganisationLinks(cosmos, find);
  const index = createOrganisationIndex(cosmos);

  function find(id: TenantId): Promise<Versioned<Organisation> | null> {
    return items.read([id], id);
  }

  return {
    find,
    list: index.list,
    organisationOf: (key) => links.find(linkIdOf(key)),
    async create(organisation) {
      await links.claim(organisation, organisation.tenants);
      await index.note(organisation);
      return items.create(organisation);
    },
    async replace(organisation, etag) {
      const before = (await find(organisation.id))?.value;
      const added = organisation.tenants.filter(({ id }) => !before?.tenants.some((tenant) => tenant.id === id));
      await links.claim(organisation, added);
      if (!before || nameOf(before) !== nameOf(organisation)) await index.note(organisation);
      const replaced = await items.replace([organisation.id], organisation, etag);
      if (!replaced) throw new AppError('precondition_failed', 'The organisation is gone.');
      return replaced;
    },
  };
}
