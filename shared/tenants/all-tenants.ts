import type { Tenant } from '../contracts/tenants.ts';
import type { TenantRepository } from './tenant.ts';

/** Every tenant of the platform, one organisation at a time, for work by the clock. */
export async function* allTenants(repository: Pick<TenantRepository, 'find' | 'list'>): AsyncGenerator<Tenant> {
  for (const { id } of await repository.list()) yield* (await repository.find(id))?.value.tenants ?? [];
}
