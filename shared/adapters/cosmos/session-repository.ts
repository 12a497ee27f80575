import type { PatchOperation } from '@azure/cosmos';
import type { SessionChange, SessionOwner, SessionRepository } from '../../chat/session-repository.ts';
import type { Session } from '../../contracts/sessions.ts';
import { isAppError } from '../../errors.ts';
import type { Cosmos } from './client.ts';
import { createItemStore } from './item-store.ts';

type SessionItem = Session & SessionOwner;

const LATEST_CHANGE_FIRST = 'SELECT * FROM c ORDER BY c.updatedAt DESC, c.id DESC';
const LATEST_CHANGE_LAST = 'SELECT * FROM c ORDER BY c.updatedAt ASC, c.id ASC';

const partitionOf = ({ tenantId, userId }: SessionOwner) => [tenantId, userId];

function toSession({ tenantId, userId, ...session }: SessionItem): Session {
  return session;
}

function operationsOf({ title, model, updatedAt, addMessages }: SessionChange): PatchOperation[] {
  const operations: PatchOperation[] = [{ op: 'set', path: '/updatedAt', value: updatedAt }];
  if (title !== undefined) operations.push({ op: 'set', path: '/title', value: title });
  if (model !== undefined) operations.push({ op: 'set', path: '/model', value: model });
  if (addMessages !== undefined) operations.push({ op: 'incr', path: '/messageCount', value: addMessages });
  return operations;
}

export function createSessionRepository(cosmos: Cosmos): SessionRepository {
  const items = createItemStore<SessionItem>(cosmos, 'sessions');
  return {
    async find(owner, id) {
      const found = await items.read(partitionOf(owner), id);
      return found && toSession(found.value);
    },
    async list(owner, query) {
      const page = await items.page(partitionOf(owner), LATEST_CHANGE_FIRST, query);
      return { ...page, items: page.items.map(toSession) };
    },
    async oldest(owner, limit) {
      return (await items.first(partitionOf(owner), LATEST_CHANGE_LAST, limit)).map(toSession);
    },
    async create({ tenantId, userId }, session) {
      try {
        await items.create({ ...session, tenantId, userId });
      } catch (error) {
        if (!isAppError(error, 'conflict')) throw error;
      }
    },
    async update(owner, id, change) {
      const changed = await items.patch(partitionOf(owner), id, operationsOf(change));
      return changed && toSession(changed);
    },
    remove: (owner, id) => items.remove(partitionOf(owner), id),
  };
}
