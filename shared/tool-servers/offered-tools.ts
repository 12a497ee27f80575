import type { ToolPermission } from '../contracts/policy.ts';
import type { ToolServer } from '../contracts/tool-servers.ts';
import type { RemoteTool } from './remote-tools.ts';
import { toolDescriptionOf, toolNameOf, toolSchemaOf } from './remote-words.ts';

/** A remote tool as we would tell a model of it. */
export interface OfferedTool {
  readonly name: string;
  readonly remoteName: string;
  readonly description: string;
  readonly inputSchema: Readonly<Record<string, unknown>>;
  readonly permission: ToolPermission;
}

/** What the administrator said of a tool; what nobody has spoken about must be asked for. */
export function permissionFor({ toolPermissions }: Pick<ToolServer, 'toolPermissions'>, name: string): ToolPermission {
  return (Object.hasOwn(toolPermissions, name) && toolPermissions[name]) || 'ask';
}

/** The tools of a server that can be told to a model: each name once, none with a schema that is too large. */
export function offeredTools(
  server: Pick<ToolServer, 'name' | 'toolPermissions'>,
  tools: readonly RemoteTool[],
): OfferedTool[] {
  const offered = new Map<string, OfferedTool>();
  for (const { name: remoteName, description, inputSchema: schema } of tools) {
    const name = toolNameOf(server.name, remoteName);
    const inputSchema = toolSchemaOf(schema);
    if (inputSchema === null || offered.has(name)) continue;
    const words = toolDescriptionOf(server.name, description);
    offered.set(name, {
      name,
      remoteName,
      description: words,
      inputSchema,
      permission: permissionFor(server, remoteName),
    });
  }
  return [...offered.values()];
}
