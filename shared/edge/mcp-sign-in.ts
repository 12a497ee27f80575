import type { HttpRequest } from '@azure/functions';
import type { ProtectedResource } from '../contracts/mcp.ts';
import type { AppError } from '../errors.ts';
import type { Services } from '../services.ts';
import { publicUrlOf } from './public-url.ts';

const METADATA_PATH = '/.well-known/oauth-protected-resource';
const MCP_PATH = '/mcp';

/** Where MCP clients find out how to sign in (RFC 9728): people of every organisation do so at the one authority. */
export async function describeProtectedResource(call: {
  readonly request: HttpRequest;
  readonly services: Services;
}): Promise<{ body: ProtectedResource }> {
  const { auth } = call.services.config;
  return {
    body: {
      resource: `${publicUrlOf(call.request)}${MCP_PATH}`,
      resource_name: 'Enterprise AI Platform',
      authorization_servers: [`${auth.authority}/organizations/v2.0`],
      scopes_supported: auth.audiences.slice(0, 1).map((audience) => `${audience}/.default`),
      bearer_methods_supported: ['header'],
    },
  };
}

/** Tells a client that was refused where the sign-in is described, or which method would do. */
export function mcpRefusalHeaders({ code }: AppError, request: HttpRequest): Record<string, string> {
  if (code === 'method_not_allowed') return { allow: 'POST' };
  if (code !== 'unauthenticated') return {};
  return { 'www-authenticate': `Bearer resource_metadata="${publicUrlOf(request)}${METADATA_PATH}${MCP_PATH}"` };
}
