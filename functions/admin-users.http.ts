import { z } from 'zod';
import { TenantId, UserId } from '../shared/contracts/identifiers.ts';
import { PageQuery, pageOf } from '../shared/contracts/paging.ts';
import { UpdateUser, User } from '../shared/contracts/users.ts';
import { endpoint } from '../shared/edge/endpoint.ts';

const tag = 'Administration: users';
const permission = 'tenant:admin';
const params = z.object({ userId: UserId });
const ofTenant = { tenantId: TenantId.optional().meta({ description: 'Left out: your own tenant' }) };
const query = z.strictObject(ofTenant);

export const listUsers = endpoint({
  name: 'admin-users-list',
  method: 'GET',
  route: 'api/v1/admin/users',
  summary: 'The people of a tenant who have signed in',
  tag,
  permission,
  query: PageQuery.extend(ofTenant),
  responses: { 200: pageOf(User) },
  handle: async ({ principal, query: { tenantId = principal.tenantId, ...page }, services }) => ({
    body: await services.users.list(principal, tenantId, page),
  }),
});

export const getUser = endpoint({
  name: 'admin-users-get',
  method: 'GET',
  route: 'api/v1/admin/users/{userId}',
  summary: 'One person',
  tag,
  permission,
  params,
  query,
  responses: { 200: User },
  handle: async ({ principal, params: { userId }, query: { tenantId = principal.tenantId }, services }) => {
    const { value, etag } = await services.users.get(principal, { tenantId, userId });
    return { body: value, etag };
  },
});

export const updateUser = endpoint({
  name: 'admin-users-update',
  audit: 'user.updated',
  method: 'PATCH',
  route: 'api/v1/admin/users/{userId}',
  summary: 'Suspend somebody, give roles, set a legal hold',
  description:
    'Not for yourself, nor for anybody or any role that may do more than you. In force within 30 seconds. ' +
    'Send `If-Match` to be told when somebody else changed the person first.',
  tag,
  permission,
  params,
  query,
  body: UpdateUser,
  responses: { 200: User },
  handle: async ({
    principal,
    params: { userId },
    query: { tenantId = principal.tenantId },
    body,
    ifMatch,
    services,
  }) => {
    const { value, etag } = await services.users.update(principal, { tenantId, userId }, body, ifMatch);
    return { body: value, etag };
  },
});
