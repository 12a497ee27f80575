import { Me } from '../shared/contracts/me.ts';
import { endpoint } from '../shared/edge/endpoint.ts';

export const me = endpoint({
  name: 'me',
  method: 'GET',
  route: 'api/v1/me',
  summary: 'Who you are and what you may do',
  tag: 'Me',
  permission: 'signed-in',
  responses: { 200: Me },
  handle: async ({ principal }) => ({
    body: {
      userId: principal.userId,
      displayName: principal.displayName,
      tenant: { id: principal.tenantId, name: principal.tenantName },
      roles: [...principal.roles],
      permissions: [...principal.permissions],
      groups: [...principal.groups],
    },
  }),
});
