import type { HttpRequest } from '@azure/functions';
import type { Config } from '../config.ts';
import type { ProtectedResource } from '../contracts/mcp.ts';
import type { AppError } from '../errors.ts';
import { findServices } from '../running-services.ts';

const METADATA_PATH = '/.well-known/oauth-protected-resource';
const MCP_PATH = '/mcp';

/** Where MCP clients find out how to sign in (RFC 9728): people of every organisation do so at the one authority. */
export function protectedResource(request: HttpRequest, { auth, publicUrl }: Config): ProtectedResource {
  return {
    resource: `${publicUrl ?? new URL(request.url).origin}${MCP_PATH}`,
    resource_name: 'Enterprise AI Platform',
    authorization_servers: [`${auth.authority}/organizations/v2.0`],
    scopes_supported: auth.audiences.slice(0, 1).map((audience) => `${audience}/.default`),
    bearer_methods_supported: ['header'],
  };
}

/** Tells a client that was refused where the sign-in is described, or which method would do. */
export function mcpRefusalHeaders({ code }: AppError, request: HttpRequest): Record<string, string> {
  if (code === 'method_not_allowed') return { allow: 'POST' };
  if (code !== 'unauthenticated') return {};
  const base = findServices()?.config.publicUrl ?? new URL(request.url).origin;
  return { 'www-authenticate': `Bearer resource_metadata="${base}${METADATA_PATH}${MCP_PATH}"` };
}
