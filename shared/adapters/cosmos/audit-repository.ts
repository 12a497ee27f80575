import type { AuditRemoval } from '../../audit/audit-removal.ts';
import type { AuditRepository, AuditSlice } from '../../audit/audit-repository.ts';
import type { AuditItem } from '../../contracts/audit.ts';
import { isAppError } from '../../errors.ts';
import type { Cosmos } from './client.ts';
import { createItemStore, type ParameterizedQuery } from './item-store.ts';

interface StoredItem extends AuditItem {
  /** Second part of the partition key. */
  readonly month: string;
}

const FIELD_OF = { action: 'c.action', actor: 'c.actor.id', subject: 'c.subject', outcome: 'c.outcome' } as const;
const DIRECTION = { 'oldest-first': 'ASC', 'newest-first': 'DESC' } as const;
const MONTH_CHARACTERS = 'yyyy-mm'.length;

/** The audit log in Cosmos DB: items are created and read, nothing else. */
export function createAuditRepository(cosmos: Cosmos): AuditRepository {
  const items = createItemStore<StoredItem>(cosmos, 'audit-log');
  return {
    async append(item) {
      try {
        await items.create({ ...item, month: item.at.slice(0, MONTH_CHARACTERS) });
      } catch (error) {
        if (!isAppError(error, 'conflict')) throw error;
      }
    },
    async slice(slice) {
      const found = await items.first([slice.tenantId, slice.month], queryOf(slice), slice.limit);
      return found.map(({ month: _, ...item }) => item);
    },
  };
}

/** The only way in which an item ever goes; see `AuditRemoval`. */
export function createAuditRemoval(cosmos: Cosmos): AuditRemoval {
  const items = createItemStore<StoredItem>(cosmos, 'audit-log');
  return { remove: ({ id, tenantId, at }) => items.remove([tenantId, at.slice(0, MONTH_CHARACTERS)], id) };
}

function queryOf({ after, before, filter, order }: AuditSlice): ParameterizedQuery {
  const wanted = (Object.keys(FIELD_OF) as (keyof typeof FIELD_OF)[]).filter((name) => filter[name] !== undefined);
  const conditions = ['c.id > @after', 'c.id < @before', ...wanted.map((name) => `${FIELD_OF[name]} = @${name}`)];
  return {
    query: `SELECT * FROM c WHERE ${conditions.join(' AND ')} ORDER BY c.id ${DIRECTION[order]}`,
    parameters: [
      { name: '@after', value: after },
      { name: '@before', value: before },
      ...wanted.map((name) => ({ name: `@${name}`, value: filter[name] ?? null })),
    ],
  };
}
