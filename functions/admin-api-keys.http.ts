import { z } from 'zod';
import { ApiKey, CreateApiKey, CreatedApiKey } from '../shared/contracts/api-keys.ts';
import { ApiKeyId, TenantId } from '../shared/contracts/identifiers.ts';
import { endpoint } from '../shared/edge/endpoint.ts';
import { withoutSecret } from '../shared/tenants/api-keys.ts';

const tag = 'Administration: API keys';
const permission = 'tenant:admin';
const params = z.object({ keyId: ApiKeyId });
const query = z.strictObject({ tenantId: TenantId.optional().meta({ description: 'Left out: your own tenant' }) });

export const listApiKeys = endpoint({
  name: 'admin-api-keys-list',
  method: 'GET',
  route: 'api/v1/admin/api-keys',
  summary: 'The API keys of a tenant, the newest first, with when each was last used',
  tag,
  permission,
  query,
  responses: { 200: z.object({ items: z.array(ApiKey) }) },
  handle: async ({ principal, query: { tenantId = principal.tenantId }, services }) => ({
    body: { items: await services.apiKeys.list(principal, tenantId) },
  }),
});

export const createApiKey = endpoint({
  name: 'admin-api-keys-create',
  method: 'POST',
  route: 'api/v1/admin/api-keys',
  audit: 'api-key.created',
  summary: 'Create an API key for a program',
  description:
    'The secret is in this answer and never again. Programs send it as `Authorization: Bearer eap_…` or `api-key: eap_…`.',
  tag,
  permission,
  query,
  body: CreateApiKey,
  responses: { 201: CreatedApiKey },
  idempotent: withoutSecret,
  handle: async ({ principal, query: { tenantId = principal.tenantId }, body, services }) => {
    const created = await services.apiKeys.create(principal, tenantId, body);
    return { body: created, headers: { location: `/api/v1/admin/api-keys/${created.id}` } };
  },
});

export const getApiKey = endpoint({
  name: 'admin-api-keys-get',
  method: 'GET',
  route: 'api/v1/admin/api-keys/{keyId}',
  summary: 'One API key',
  tag,
  permission,
  params,
  query,
  responses: { 200: ApiKey },
  handle: async ({ principal, params: { keyId }, query: { tenantId = principal.tenantId }, services }) => ({
    body: await services.apiKeys.get(principal, { tenantId, keyId }),
  }),
});

export const revokeApiKey = endpoint({
  name: 'admin-api-keys-revoke',
  method: 'DELETE',
  route: 'api/v1/admin/api-keys/{keyId}',
  audit: 'api-key.revoked',
  summary: 'Revoke an API key',
  description: 'It is refused within 30 seconds, and stays listed.',
  tag,
  permission,
  params,
  query,
  responses: { 200: ApiKey },
  handle: async ({ principal, params: { keyId }, query: { tenantId = principal.tenantId }, services }) => ({
    body: await services.apiKeys.revoke(principal, { tenantId, keyId }),
  }),
});
