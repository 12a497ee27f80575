import { z } from 'zod';
import { TenantId } from '../shared/contracts/identifiers.ts';
import { PageQuery, pageOf } from '../shared/contracts/paging.ts';
import { EffectivePolicy } from '../shared/contracts/policy.ts';
import { CreateTenant, MoveTenant, Tenant, UpdateTenant } from '../shared/contracts/tenants.ts';
import { endpoint } from '../shared/edge/endpoint.ts';

const tag = 'Administration: tenants';
const permission = 'tenant:admin';
const params = z.object({ tenantId: TenantId });

export const listTenants = endpoint({
  name: 'admin-tenants-list',
  method: 'GET',
  route: 'api/v1/admin/tenants',
  summary: 'Your tenant and all below it, in the order of the tree',
  description: 'With `platform:admin`: all organisations; `limit` counts whole organisations.',
  tag,
  permission,
  query: PageQuery,
  responses: { 200: pageOf(Tenant) },
  handle: async ({ principal, query, services }) => ({ body: await services.tenants.list(principal, query) }),
});

export const createTenant = endpoint({
  name: 'admin-tenants-create',
  audit: 'tenant.created',
  method: 'POST',
  route: 'api/v1/admin/tenants',
  summary: 'Create a tenant below yours',
  description: 'With `platform:admin`: below any tenant, or an organisation, whose `parentId` is null.',
  tag,
  permission,
  body: CreateTenant,
  idempotent: true,
  responses: { 201: Tenant },
  handle: async ({ principal, body, services }) => {
    const { value, etag } = await services.tenants.create(principal, body);
    return { body: value, etag, headers: { location: `/api/v1/admin/tenants/${value.id}` } };
  },
});

export const getTenant = endpoint({
  name: 'admin-tenants-get',
  method: 'GET',
  route: 'api/v1/admin/tenants/{tenantId}',
  summary: 'One tenant with its own policy',
  tag,
  permission,
  params,
  responses: { 200: Tenant },
  handle: async ({ principal, params: { tenantId }, services }) => {
    const { value, etag } = await services.tenants.get(principal, tenantId);
    return { body: value, etag };
  },
});

export const updateTenant = endpoint({
  name: 'admin-tenants-update',
  audit: 'tenant.updated',
  method: 'PATCH',
  route: 'api/v1/admin/tenants/{tenantId}',
  summary: 'Rename, suspend or resume a tenant, or replace its policy',
  description:
    'A `policy` replaces the whole of the one before. Policy and status of your own tenant are for somebody above you. ' +
    'In force within 30 seconds. Send `If-Match` to be told when somebody else changed the tenant first.',
  tag,
  permission,
  params,
  body: UpdateTenant,
  responses: { 200: Tenant },
  handle: async ({ principal, params: { tenantId }, body, ifMatch, services }) => {
    const { value, etag } = await services.tenants.update(principal, tenantId, body, ifMatch);
    return { body: value, etag };
  },
});

export const moveTenant = endpoint({
  name: 'admin-tenants-move',
  audit: 'tenant.moved',
  method: 'POST',
  route: 'api/v1/admin/tenants/{tenantId}/move',
  summary: 'Move a tenant with all below it to another parent of its organisation',
  description: 'Send `If-Match` to be told when somebody else changed the tenant first.',
  tag,
  permission,
  params,
  body: MoveTenant,
  responses: { 200: Tenant },
  handle: async ({ principal, params: { tenantId }, body, ifMatch, services }) => {
    const { value, etag } = await services.tenants.move(principal, tenantId, body.parentId, ifMatch);
    return { body: value, etag };
  },
});

export const getEffectivePolicy = endpoint({
  name: 'admin-tenants-effective-policy',
  method: 'GET',
  route: 'api/v1/admin/tenants/{tenantId}/effective-policy',
  summary: 'What a tenant may do with all above it taken into account, and which tenant decided each value',
  tag,
  permission,
  params,
  responses: { 200: EffectivePolicy },
  handle: async ({ principal, params: { tenantId }, services }) => ({
    body: await services.tenants.effectivePolicy(principal, tenantId),
  }),
});
