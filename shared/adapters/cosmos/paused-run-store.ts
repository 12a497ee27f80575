import type { PausedRun, PausedRunStore } from '../../chat/paused-run.ts';
import { AppError } from '../../errors.ts';
import type { Cosmos } from './client.ts';
import { createItemStore } from './item-store.ts';

interface PausedRunItem extends PausedRun {
  readonly id: string;
  /** Tells it from a message, of which none has a kind. */
  readonly kind: 'paused-run';
  readonly ttl: number;
}

/** Longer than a decision may take, so that a late one hears why it is refused. */
const TTL_SECONDS = 2 * 24 * 60 * 60;

function toPausedRun({ id, kind, ttl, ...paused }: PausedRunItem): PausedRun {
  return paused;
}

/** In the container of messages, in the partition of the run's session. */
export function createPausedRunStore(cosmos: Cosmos): PausedRunStore {
  const items = createItemStore<PausedRunItem>(cosmos, 'messages');
  return {
    async find(tenantId, sessionId, runId) {
      const found = await items.read([tenantId, sessionId], runId);
      return found && { value: toPausedRun(found.value), etag: found.etag };
    },
    async save(paused, etag) {
      const item: PausedRunItem = { ...paused, id: paused.runId, kind: 'paused-run', ttl: TTL_SECONDS };
      if (etag === null) return (await items.create(item)).etag;
      const replaced = await items.replace([paused.tenantId, paused.sessionId], item, etag);
      if (!replaced) throw new AppError('precondition_failed', 'The run is gone.');
      return replaced.etag;
    },
  };
}
