import { z } from 'zod';
import { ErasureId, TenantId, UserId } from '../shared/contracts/identifiers.ts';
import { Erasure } from '../shared/contracts/privacy.ts';
import { endpoint } from '../shared/edge/endpoint.ts';

const tag = 'Administration: privacy';
const permission = 'tenant:admin';
const query = z.strictObject({
  tenantId: TenantId.optional().meta({ description: 'Left out: your own tenant' }),
});

export const eraseUserData = endpoint({
  name: 'admin-users-data-delete',
  audit: 'erasure.requested',
  method: 'DELETE',
  route: 'api/v1/admin/users/{userId}/data',
  summary: "Erase a person's data",
  description:
    'Removes conversations, runs, uploaded documents with their vectors and files, and the account. `Location` names the ' +
    'erasure, which becomes the receipt: what went from where, and what is kept for which reason. 409 for somebody on legal hold.',
  tag,
  permission,
  params: z.object({ userId: UserId }),
  query,
  responses: { 202: Erasure },
  handle: async ({ principal, params: { userId }, query: { tenantId = principal.tenantId }, services }) => {
    const erasure = await services.privacy.erasures.request(principal, { tenantId, userId });
    const location = `/api/v1/admin/erasures/${erasure.id}${tenantId === principal.tenantId ? '' : `?tenantId=${tenantId}`}`;
    return { body: erasure, headers: { location } };
  },
});

export const getErasure = endpoint({
  name: 'admin-erasures-get',
  method: 'GET',
  route: 'api/v1/admin/erasures/{erasureId}',
  summary: 'How far an erasure is, and its receipt',
  tag,
  permission,
  params: z.object({ erasureId: ErasureId }),
  query,
  responses: { 200: Erasure },
  handle: async ({ principal, params: { erasureId }, query: { tenantId = principal.tenantId }, services }) => ({
    body: await services.privacy.erasures.get(principal, tenantId, erasureId),
  }),
});
