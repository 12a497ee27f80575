import { z } from 'zod';
import { ToolServerId } from '../shared/contracts/identifiers.ts';
import {
  CreateToolServer,
  ToolServer,
  ToolServerQuery,
  ToolServerTest,
  UpdateToolServer,
} from '../shared/contracts/tool-servers.ts';
import { endpoint } from '../shared/edge/endpoint.ts';

const tag = 'Administration: tool servers';
const permission = 'tools:admin';
const collection = 'api/v1/admin/tool-servers';
const item = `${collection}/{serverId}`;
const params = z.object({ serverId: ToolServerId });
const query = ToolServerQuery;

export const listToolServers = endpoint({
  name: 'admin-tool-servers-list',
  method: 'GET',
  route: collection,
  summary: 'The remote tool servers of a tenant, by name',
  tag,
  permission,
  query,
  responses: { 200: z.object({ items: z.array(ToolServer) }) },
  handle: async ({ principal, query: { tenantId = principal.tenantId }, services }) => ({
    body: { items: await services.toolServers.list(principal, tenantId) },
  }),
});

export const createToolServer = endpoint({
  name: 'admin-tool-servers-create',
  audit: 'tool-server.created',
  method: 'POST',
  route: collection,
  summary: 'Register a remote MCP server',
  description: 'Its tools can be called once the policy of the tenant lists them in `tools`, as `{name}__{tool}`.',
  tag,
  permission,
  query,
  body: CreateToolServer,
  idempotent: true,
  responses: { 201: ToolServer },
  handle: async ({ principal, query: { tenantId = principal.tenantId }, body, services }) => {
    const { value, etag } = await services.toolServers.create(principal, tenantId, body);
    return { body: value, etag, headers: { location: `/${collection}/${value.id}` } };
  },
});

export const getToolServer = endpoint({
  name: 'admin-tool-servers-get',
  method: 'GET',
  route: item,
  summary: 'One tool server',
  tag,
  permission,
  params,
  query,
  responses: { 200: ToolServer },
  handle: async ({ principal, params: { serverId }, query: { tenantId = principal.tenantId }, services }) => {
    const { value, etag } = await services.toolServers.get(principal, { tenantId, serverId });
    return { body: value, etag };
  },
});

export const updateToolServer = endpoint({
  name: 'admin-tool-servers-update',
  audit: 'tool-server.updated',
  method: 'PATCH',
  route: item,
  summary: 'Change a tool server',
  description: 'Send `If-Match` to be told when somebody else changed it first. In force everywhere within a minute.',
  tag,
  permission,
  params,
  query,
  body: UpdateToolServer,
  responses: { 200: ToolServer },
  handle: async ({ principal, params, query: { tenantId = principal.tenantId }, body, ifMatch, services }) => {
    const reference = { tenantId, ...params };
    const { value, etag } = await services.toolServers.update(principal, reference, body, ifMatch);
    return { body: value, etag };
  },
});

export const deleteToolServer = endpoint({
  name: 'admin-tool-servers-delete',
  audit: 'tool-server.deleted',
  method: 'DELETE',
  route: item,
  summary: 'Delete a tool server; its tools run no more',
  tag,
  permission,
  params,
  query,
  responses: { 204: null },
  handle: async ({ principal, params, query: { tenantId = principal.tenantId }, services }) => {
    await services.toolServers.remove(principal, { tenantId, ...params });
    return {};
  },
});

export const testToolServer = endpoint({
  name: 'admin-tool-servers-test',
  audit: 'tool-server.tested',
  method: 'POST',
  route: `${item}/test`,
  summary: 'Ask a tool server for its tools',
  tag,
  permission,
  params,
  query,
  responses: { 200: ToolServerTest },
  handle: async ({ principal, params, query: { tenantId = principal.tenantId }, services }) => ({
    body: await services.toolServers.test(principal, { tenantId, ...params }),
  }),
});
