import { createHash } from 'node:crypto';
import type { CooldownStore } from '../../models/cooldown-store.ts';
import type { Cosmos } from './client.ts';
import { toAppError } from './errors.ts';
import { createItemStore } from './item-store.ts';

interface CooldownItem {
  readonly id: string;
  readonly scope: string;
  readonly deployment: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
  readonly ttl: number;
}

/** One partition, so that one cheap query tells all. */
const SCOPE = 'model-cooldowns';
const MAX_COOLDOWNS = 500;
/** Longer than any cooldown. */
const TTL_SECONDS = 120;

/** Beside the counters, which go by themselves too. An item for each deployment that was throttled lately. */
export function createCooldownStore(cosmos: Cosmos): CooldownStore {
  const items = createItemStore<CooldownItem>(cosmos, 'counters');
  return {
    async read() {
      const found = await items.first([SCOPE], 'SELECT * FROM c', MAX_COOLDOWNS);
      return new Map(found.map(({ deployment, until }) => [deployment, until]));
    },
    async write(deployment, until) {
      // A slash may not be in an id, and an address has some.
      const id = createHash('sha256').update(deployment).digest('hex');
      const item: CooldownItem = { id, scope: SCOPE, deployment, until, ttl: TTL_SECONDS };
      const container = await cosmos.container('counters');
      await container.items.upsert(item).catch((error: unknown) => {
        throw toAppError(error);
      });
    },
  };
}
