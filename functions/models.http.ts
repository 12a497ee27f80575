import { Models } from '../shared/contracts/models.ts';
import { endpoint } from '../shared/edge/endpoint.ts';

export const listModels = endpoint({
  name: 'models-list',
  method: 'GET',
  route: 'api/v1/models',
  summary: 'The models that you may use',
  description: 'A chat may name one of them, or `auto`, which leaves the choice to the platform.',
  tag: 'Models',
  permission: 'chat:use',
  responses: { 200: Models },
  handle: async ({ principal, services }) => ({ body: { items: services.models(principal) } }),
});
