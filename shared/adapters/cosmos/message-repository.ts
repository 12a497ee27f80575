import type { MessageRepository } from '../../chat/session-repository.ts';
import type { TenantId } from '../../contracts/identifiers.ts';
import type { PageQuery } from '../../contracts/paging.ts';
import type { Message } from '../../contracts/sessions.ts';
import { isAppError } from '../../errors.ts';
import type { Cosmos } from './client.ts';
import { createItemStore } from './item-store.ts';

type MessageItem = Message & { readonly tenantId: TenantId };

/** A paused run lies beside the messages; it is the only item with a kind. */
const NEWEST_FIRST = 'SELECT * FROM c WHERE NOT IS_DEFINED(c.kind) ORDER BY c.createdAt DESC, c.id DESC';
const OLDEST_FIRST = 'SELECT * FROM c WHERE NOT IS_DEFINED(c.kind) ORDER BY c.createdAt ASC, c.id ASC';
const IDS = 'SELECT c.id FROM c';
/** Messages that are removed at the same time. */
const REMOVED_AT_ONCE = 25;

function toMessage({ tenantId, ...message }: MessageItem): Message {
  return message;
}

export function createMessageRepository(cosmos: Cosmos): MessageRepository {
  const items = createItemStore<MessageItem>(cosmos, 'messages');
  return {
    async latest(tenantId, sessionId, limit) {
      const newest = await items.first([tenantId, sessionId], NEWEST_FIRST, limit);
      return newest.reverse().map(toMessage);
    },
    async list(tenantId, sessionId, query) {
      const page = await items.page([tenantId, sessionId], OLDEST_FIRST, query);
      return { ...page, items: page.items.map(toMessage) };
    },
    async find(tenantId, sessionId, messageId) {
      const found = await items.read([tenantId, sessionId], messageId);
      return found && toMessage(found.value);
    },
    async save(tenantId, message) {
      try {
        await items.create({ ...message, tenantId });
      } catch (error) {
        if (!isAppError(error, 'conflict')) throw error;
      }
    },
    async setFeedback(tenantId, sessionId, messageId, feedback) {
      const operations = [{ op: 'set' as const, path: '/feedback', value: feedback }];
      const changed = await items.patch([tenantId, sessionId], messageId, operations);
      return changed && toMessage(changed);
    },
    async removeAll(tenantId, sessionId) {
      const partition = [tenantId, sessionId];
      let removed = 0;
      let query: PageQuery | null = { limit: REMOVED_AT_ONCE };
      while (query) {
        const { items: found, continuation } = await items.page(partition, IDS, query);
        await Promise.all(found.map(({ id }) => items.remove(partition, id)));
        removed += found.length;
        query = continuation ? { limit: REMOVED_AT_ONCE, continuation } : null;
      }
      return removed;
    },
  };
}
