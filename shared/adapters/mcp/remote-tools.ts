import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { RequestOptions } from '@modelcontextprotocol/sdk/shared/protocol.js';
import type { RemoteTool, RemoteTools } from '../../tool-servers/remote-tools.ts';
import type { AddressGuard } from '../public-address.ts';
import { createGuardedFetch } from './guarded-fetch.ts';
import { createRemoteSession } from './remote-session.ts';
import { textOfResult } from './result-text.ts';

const MAX_TOOLS = 100;
const MAX_PAGES = 5;

/** Remote tools over streamable HTTP, with a session of its own for each call: nothing is kept between two of them. */
export function createRemoteTools(options: { readonly guard: AddressGuard; readonly now: () => Date }): RemoteTools {
  const session = createRemoteSession(createGuardedFetch(options.guard), options.now);
  return {
    list: (connection, timeoutMilliseconds) => session({ connection, timeoutMilliseconds }, listTools),
    call: (connection, { timeoutMilliseconds, ...params }, signal) =>
      session({ connection, timeoutMilliseconds, signal }, async (client, request) => {
        const { CallToolResultSchema, McpError } = await import('@modelcontextprotocol/sdk/types.js');
        try {
          // Not `callTool`, which would compile whatever schema the server gives for its results.
          const result = await client.request({ method: 'tools/call', params }, CallToolResultSchema, request);
          return { text: textOfResult(result), isError: result.isError === true };
        } catch (error) {
          if (!(error instanceof McpError) || request.signal?.aborted) throw error;
          return { text: error.message, isError: true };
        }
      }),
  };
}

async function listTools(client: Client, request: RequestOptions): Promise<RemoteTool[]> {
  const { ListToolsResultSchema } = await import('@modelcontextprotocol/sdk/types.js');
  const found: RemoteTool[] = [];
  let cursor: string | undefined;
  for (let page = 1; page <= MAX_PAGES && found.length < MAX_TOOLS; page += 1) {
    const params = cursor === undefined ? {} : { cursor };
    const { tools, nextCursor } = await client.request(
      { method: 'tools/list', params },
      ListToolsResultSchema,
      request,
    );
    found.push(...tools.map(({ name, description = '', inputSchema }) => ({ name, description, inputSchema })));
    if (nextCursor === undefined) break;
    cursor = nextCursor;
  }
  return found.slice(0, MAX_TOOLS);
}
