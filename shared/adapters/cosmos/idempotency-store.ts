import { AppError } from '../../errors.ts';
import type { IdempotencyRecord, IdempotencyStore } from '../../idempotency/idempotent-calls.ts';
import type { Cosmos } from './client.ts';
import { createItemStore } from './item-store.ts';

interface RecordItem extends IdempotencyRecord {
  readonly ttl: number;
}

const DAY_SECONDS = 24 * 60 * 60;

const toItem = (record: IdempotencyRecord): RecordItem => ({ ...record, ttl: DAY_SECONDS });

/** Beside the counters, which go by themselves too. */
export function createIdempotencyStore(cosmos: Cosmos): IdempotencyStore {
  const items = createItemStore<RecordItem>(cosmos, 'counters');
  return {
    find: (scope, id) => items.read([scope], id),
    create: (record) => items.create(toItem(record)),
    async replace(record, etag) {
      const replaced = await items.replace([record.scope], toItem(record), etag);
      if (!replaced) throw new AppError('precondition_failed', 'The idempotency key is gone.');
      return replaced;
    },
    remove: (scope, id, etag) => items.remove([scope], id, etag),
  };
}
