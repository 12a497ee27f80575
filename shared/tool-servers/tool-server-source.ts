import type { TenantId } from '../contracts/identifiers.ts';
import { AppError } from '../errors.ts';
import { createExpiringCache } from '../identity/expiring-cache.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Tool, ToolResult, ToolSource } from '../tools/tool.ts';
import { connectionOf } from './connection-of.ts';
import { type OfferedTool, offeredTools, permissionFor } from './offered-tools.ts';
import type { RemoteTools } from './remote-tools.ts';
import type { SecretBox } from './secret-box.ts';
import type { StoredToolServer, ToolServerRepository } from './tool-server-repository.ts';

const LISTS_LIVE_MILLISECONDS = 60_000;
const MAX_TENANTS = 500;
/** A turn waits for the lists, and rather goes without a server than for long. */
const LIST_TIMEOUT_MILLISECONDS = 3_000;
const MAX_ARGUMENT_CHARACTERS = 64_000;
const MAX_RESULT_CHARACTERS = 20_000;

export interface ToolServerSourceOptions {
  readonly repository: ToolServerRepository;
  readonly remoteTools: RemoteTools;
  readonly box: SecretBox;
  readonly now: () => Date;
  readonly log: Pick<Logger, 'warn'>;
}

/** The tools of a tenant's remote servers. Lists are remembered for a minute, failures too; a server that is down is left out. */
export function createToolServerSource(options: ToolServerSourceOptions): ToolSource {
  const { repository, log, now } = options;

  async function load(tenantId: TenantId): Promise<readonly Tool[]> {
    const servers = (await repository.list(tenantId)).filter(({ enabled }) => enabled);
    return (await Promise.all(servers.map((server) => toolsOf(options, server)))).flat();
  }

  const toolsOfTenant = createExpiringCache({
    load,
    lifetimeMilliseconds: LISTS_LIVE_MILLISECONDS,
    maxEntries: MAX_TENANTS,
    now,
  });

  return {
    async tools({ tenantId }, signal) {
      try {
        return await unlessAborted(toolsOfTenant(tenantId), signal);
      } catch (error) {
        if (!signal.aborted) log.warn('tool servers could not be listed', { error });
        return [];
      }
    },
  };
}

async function toolsOf(options: ToolServerSourceOptions, server: StoredToolServer): Promise<Tool[]> {
  try {
    const remote = await options.remoteTools.list(connectionOf(server, options.box), LIST_TIMEOUT_MILLISECONDS);
    return offeredTools(server, remote)
      .filter(({ permission }) => permission !== 'deny')
      .map((tool) => toTool(options, server, tool));
  } catch (error) {
    options.log.warn('a tool server was left out', { error, serverId: server.id });
    return [];
  }
}

function toTool(options: ToolServerSourceOptions, server: StoredToolServer, offered: OfferedTool): Tool {
  const { name, remoteName, description, inputSchema, permission } = offered;
  const atLeast = permission === 'allow' ? 'allow' : 'ask';
  return {
    name,
    description,
    input: { jsonSchema: inputSchema },
    defaultPermission: atLeast,
    leastPermission: atLeast,
    timeoutMilliseconds: server.timeoutMilliseconds,
    maxResultCharacters: MAX_RESULT_CHARACTERS,
    async run(input, { principal, signal }): Promise<ToolResult> {
      if (principal.tenantId !== server.tenantId) throw gone();
      const call = { name: remoteName, arguments: requireArguments(input) };
      // Read again: since the list was made the server may have been changed, switched off or deleted.
      const current = (await options.repository.find(server.tenantId, server.id))?.value;
      if (!current?.enabled || permissionFor(current, remoteName) === 'deny') throw gone();
      const { timeoutMilliseconds } = current;
      const connection = connectionOf(current, options.box);
      const result = await options.remoteTools.call(connection, { ...call, timeoutMilliseconds }, signal);
      return { text: bounded(result.isError ? `The tool reported an error: ${result.text}` : result.text) };
    },
  };
}

const gone = () => new AppError('not_found', 'This tool is no longer there. Do without it.');

function requireArguments(input: unknown): Readonly<Record<string, unknown>> {
  const isObject = typeof input === 'object' && input !== null && !Array.isArray(input);
  if (!isObject) throw new AppError('validation_failed', 'The arguments must be a JSON object.');
  if (JSON.stringify(input).length <= MAX_ARGUMENT_CHARACTERS) return input as Record<string, unknown>;
  throw new AppError('payload_too_large', `The arguments may have at most ${MAX_ARGUMENT_CHARACTERS} characters.`);
}

function bounded(text: string): string {
  const cut = '\n(The rest was cut off.)';
  return text.length <= MAX_RESULT_CHARACTERS ? text : text.slice(0, MAX_RESULT_CHARACTERS - cut.length) + cut;
}

/** What is being loaded is for others too, so it goes on when one of them no longer waits. */
function unlessAborted<T>(value: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  return Promise.race([value, promise]).finally(() => signal.removeEventListener('abort', stop));
}
