import { isAppError } from '../../errors.ts';
import type { Tenant, TenantRepository } from '../../tenants/tenant.ts';
import type { Cosmos } from './client.ts';
import { createItemStore } from './item-store.ts';

/** A tenant lies under its Entra tenant's id, which is what a sign-in knows: one point read finds it, one write makes it. */
interface TenantItem extends Omit<Tenant, 'id' | 'entraTenantId'> {
  readonly id: string;
  readonly tenantId: Tenant['id'];
}

const itemId = (entraTenantId: string) => entraTenantId.toLowerCase();

export function createTenantRepository(cosmos: Cosmos): TenantRepository {
  const items = createItemStore<TenantItem>(cosmos, 'tenants');
  return {
    async findByEntraTenant(entraTenantId) {
      const id = itemId(entraTenantId);
      const found = await items.read([id], id);
      if (!found) return null;
      const { tenantId, ...tenant } = found.value;
      return { ...tenant, id: tenantId, entraTenantId: id };
    },
    async ensure({ id, entraTenantId, ...tenant }) {
      try {
        await items.create({ ...tenant, id: itemId(entraTenantId), tenantId: id });
      } catch (error) {
        if (!isAppError(error, 'conflict')) throw error;
      }
    },
  };
}
