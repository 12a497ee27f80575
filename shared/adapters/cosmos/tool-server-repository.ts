import { AppError } from '../../errors.ts';
import type { StoredToolServer, ToolServerRepository } from '../../tool-servers/tool-server-repository.ts';
import type { Cosmos } from './client.ts';
import { createItemStore } from './item-store.ts';

/** More than a tenant may register. */
const MAX_TOOL_SERVERS = 100;
const byName = new Intl.Collator('en', { numeric: true }).compare;

export function createToolServerRepository(cosmos: Cosmos): ToolServerRepository {
  const items = createItemStore<StoredToolServer>(cosmos, 'tool-servers');
  return {
    async list(tenantId) {
      const found = await items.first([tenantId], 'SELECT * FROM c', MAX_TOOL_SERVERS);
      return found.sort((one, other) => byName(one.name, other.name));
    },
    find: (tenantId, id) => items.read([tenantId], id),
    create: (server) => items.create(server),
    async replace(server, etag) {
      const replaced = await items.replace([server.tenantId], server, etag);
      if (!replaced) throw new AppError('precondition_failed', 'The tool server was deleted meanwhile.');
      return replaced;
    },
    remove: (tenantId, id) => items.remove([tenantId], id),
  };
}
