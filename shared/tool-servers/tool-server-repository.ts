import type { TenantId, ToolServerId } from '../contracts/identifiers.ts';
import type { ToolServer } from '../contracts/tool-servers.ts';
import type { Versioned } from '../versioned.ts';

/** A server as it is stored: its secret only sealed. */
export interface StoredToolServer extends ToolServer {
  readonly tenantId: TenantId;
  readonly sealedSecret: string | null;
}

export interface ToolServerRepository {
  /** All of the tenant, by name. */
  list(tenantId: TenantId): Promise<StoredToolServer[]>;
  find(tenantId: TenantId, id: ToolServerId): Promise<Versioned<StoredToolServer> | null>;
  /** @throws AppError `conflict` when the id is taken. */
  create(server: StoredToolServer): Promise<Versioned<StoredToolServer>>;
  /** @throws AppError `precondition_failed` when the item is no longer what `etag` named. */
  replace(server: StoredToolServer, etag: string): Promise<Versioned<StoredToolServer>>;
  /** Does nothing when it is gone already. */
  remove(tenantId: TenantId, id: ToolServerId): Promise<void>;
}
