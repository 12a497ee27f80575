import { McpMessage, ProtectedResource } from '../shared/contracts/mcp.ts';
import { endpoint } from '../shared/edge/endpoint.ts';
import { exchangeMcpMessage, refuseMcpMethod } from '../shared/edge/mcp-exchange.ts';
import { describeProtectedResource, mcpRefusalHeaders } from '../shared/edge/mcp-sign-in.ts';

const tag = 'MCP';
const route = 'mcp';

export const mcp = endpoint({
  name: 'mcp',
  method: 'POST',
  route,
  summary: 'Search, ask and read documents from an MCP client',
  description:
    'The Model Context Protocol over streamable HTTP, without sessions: one JSON-RPC message, one JSON answer. Tools: `search`, `ask`, `read_document`, as far as your permissions go.',
  tag,
  permission: 'signed-in',
  ownBody: McpMessage,
  responses: { 200: { contentType: 'application/json', description: 'A JSON-RPC response' }, 202: null },
  refusalHeaders: mcpRefusalHeaders,
  handle: exchangeMcpMessage,
});

const notAllowed = {
  route,
  tag,
  permission: 'public',
  responses: { 405: null },
  refusalHeaders: mcpRefusalHeaders,
  handle: refuseMcpMethod,
} as const;

export const mcpStream = endpoint({
  ...notAllowed,
  name: 'mcp-stream',
  method: 'GET',
  summary: 'Tells an MCP client that the server sends nothing on its own',
});

export const mcpEnd = endpoint({
  ...notAllowed,
  name: 'mcp-end',
  method: 'DELETE',
  summary: 'Tells an MCP client that there is no session to end',
});

const metadata = {
  method: 'GET',
  summary: 'Where MCP clients sign in (RFC 9728)',
  tag,
  permission: 'public',
  responses: { 200: ProtectedResource },
  handle: describeProtectedResource,
} as const;

export const mcpProtectedResource = endpoint({
  ...metadata,
  name: 'mcp-protected-resource',
  route: '.well-known/oauth-protected-resource/mcp',
});

export const protectedResourceRoot = endpoint({
  ...metadata,
  name: 'mcp-protected-resource-root',
  route: '.well-known/oauth-protected-resource',
});
