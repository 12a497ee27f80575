import type { Dependency } from '../../health.ts';
import type { Cosmos } from './client.ts';
import { toAppError } from './errors.ts';

/** Cosmos DB as a thing that can be down: one read of the database's own entry. */
export function cosmosDependency(cosmos: Cosmos): Dependency {
  return {
    name: 'cosmos-db',
    advice: 'Check COSMOS_ENDPOINT, COSMOS_KEY and COSMOS_DATABASE, and that `npm run db:migrate` was run.',
    async check(signal) {
      try {
        await (await cosmos.database()).read({ abortSignal: signal });
      } catch (error) {
        throw toAppError(error);
      }
    },
  };
}
