import { AccessExplanation, ExplainAccessQuery } from '../shared/contracts/access-explanation.ts';
import { endpoint } from '../shared/edge/endpoint.ts';

export const explainAccess = endpoint({
  name: 'admin-access-explain',
  method: 'GET',
  route: 'api/v1/admin/access/explain',
  summary: 'Why somebody may do something, or not',
  description:
    'By the functions that decide, from the roles as of the last time the person came. Groups are not stored: give them, ' +
    'or they are looked up; without either, only what does not need a group can allow anything.',
  tag: 'Administration: users',
  permission: 'tenant:admin',
  query: ExplainAccessQuery,
  responses: { 200: AccessExplanation },
  handle: async ({ principal, query, services }) => ({
    body: await services.accessExplainer.explain(principal, query),
  }),
});
