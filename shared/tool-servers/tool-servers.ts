import type { TenantId, ToolServerId } from '../contracts/identifiers.ts';
import type { CreateToolServer, ToolServer, ToolServerTest, UpdateToolServer } from '../contracts/tool-servers.ts';
import { AppError } from '../errors.ts';
import { derivedId } from '../identifiers.ts';
import type { Principal } from '../identity/principal.ts';
import { administeredOrganisation } from '../tenants/administered.ts';
import type { TenantRepository } from '../tenants/tenant.ts';
import type { Versioned } from '../versioned.ts';
import { changeToolServer, newToolServer, shownToolServer } from './change-tool-server.ts';
import { connectionOf } from './connection-of.ts';
import { offeredTools } from './offered-tools.ts';
import type { RemoteTools } from './remote-tools.ts';
import type { SecretBox } from './secret-box.ts';
import type { StoredToolServer, ToolServerRepository } from './tool-server-repository.ts';

/** A chat turn asks all of them for their tools. */
const MAX_TOOL_SERVERS = 20;

export interface ToolServerReference {
  readonly tenantId: TenantId;
  readonly serverId: ToolServerId;
}

/** The remote tool servers of a tenant as its administrators see them; those of any other tenant: `not_found`. */
export interface ToolServers {
  list(principal: Principal, tenantId: TenantId): Promise<ToolServer[]>;
  get(principal: Principal, reference: ToolServerReference): Promise<Versioned<ToolServer>>;
  /** @throws AppError `conflict` for a name that is taken, `unprocessable` for an address or a secret that will not do */
  create(principal: Principal, tenantId: TenantId, body: CreateToolServer): Promise<Versioned<ToolServer>>;
  /** @throws AppError `unprocessable` also when a secret would go elsewhere than where it was given for */
  update(
    principal: Principal,
    reference: ToolServerReference,
    change: UpdateToolServer,
    ifMatch: string | undefined,
  ): Promise<Versioned<ToolServer>>;
  /** No tool of it runs any more when this resolves. */
  remove(principal: Principal, reference: ToolServerReference): Promise<void>;
  /** Asks the server for its tools now. @throws AppError `upstream_failed`, `upstream_timeout` or `unprocessable` */
  test(principal: Principal, reference: ToolServerReference): Promise<ToolServerTest>;
}

export interface ToolServersOptions {
  readonly repository: ToolServerRepository;
  readonly tenants: TenantRepository;
  readonly remoteTools: RemoteTools;
  readonly box: SecretBox;
  /** Why an address may not be reached, or null. */
  readonly refusalOf: (url: URL) => string | null;
  readonly now: () => Date;
}

export function createToolServers(options: ToolServersOptions): ToolServers {
  const { repository, tenants, remoteTools, box, now } = options;

  async function find(principal: Principal, { tenantId, serverId }: ToolServerReference) {
    await administeredOrganisation(tenants, principal, tenantId);
    const found = await repository.find(tenantId, serverId);
    if (!found) throw new AppError('not_found', 'There is no such tool server.');
    return found;
  }

  return {
    async list(principal, tenantId) {
      await administeredOrganisation(tenants, principal, tenantId);
      return (await repository.list(tenantId)).map(shownToolServer);
    },
    async get(principal, reference) {
      return shown(await find(principal, reference));
    },
    async create(principal, tenantId, body) {
      await administeredOrganisation(tenants, principal, tenantId);
      if ((await repository.list(tenantId)).length >= MAX_TOOL_SERVERS) {
        throw new AppError('unprocessable', `A tenant may have at most ${MAX_TOOL_SERVERS} tool servers.`);
      }
      // From the name, so that of two at once with the same name one is refused by the store.
      const id = derivedId('tsv', tenantId, body.name);
      const at = now().toISOString();
      const facts = { id, tenantId, createdBy: principal.userId, createdAt: at, updatedAt: at };
      return shown(await repository.create(newToolServer(options, facts, body)));
    },
    async update(principal, reference, change, ifMatch) {
      const { value, etag } = await find(principal, reference);
      const next = changeToolServer(options, value, change, now().toISOString());
      return shown(await repository.replace(next, ifMatch ?? etag));
    },
    async remove(principal, reference) {
      await find(principal, reference);
      await repository.remove(reference.tenantId, reference.serverId);
    },
    async test(principal, reference) {
      const { value } = await find(principal, reference);
      const startedAt = now().getTime();
      const tools = await remoteTools.list(connectionOf(value, box), value.timeoutMilliseconds);
      return {
        tools: offeredTools(value, tools).map(({ inputSchema, ...tool }) => tool),
        milliseconds: Math.max(0, now().getTime() - startedAt),
      };
    },
  };
}

const shown = ({ value, etag }: Versioned<StoredToolServer>) => ({ value: shownToolServer(value), etag });
