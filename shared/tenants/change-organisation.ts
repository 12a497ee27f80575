import type { Versioned } from '../versioned.ts';
import { whileOvertaken } from '../while-overtaken.ts';
import type { Organisation, TenantRepository } from './tenant.ts';

/** All tenants of an organisation are one item, which a whole roll-out may change at once. */
const CONTENTION = {
  attempts: 30,
  jitter: 20,
  longestWait: 300,
  message: 'The organisation is being changed by many at once. Try again.',
};

/**
 * Applies a step to the newest state of an organisation, again whenever another writer was faster.
 * @param find reads the newest state; it and `step` may refuse by throwing
 * @throws AppError `conflict` when others keep winning.
 */
export async function changeOrganisation(
  repository: TenantRepository,
  find: () => Promise<Versioned<Organisation>>,
  step: (organisation: Organisation) => Organisation,
): Promise<Organisation> {
  return whileOvertaken(
    {
      async read() {
        const { value, etag } = await find();
        return { next: step(value), etag };
      },
      write: async ({ next, etag }) => (await repository.replace(next, etag)).value,
    },
    CONTENTION,
  );
}
