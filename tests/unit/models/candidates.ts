import type { ChatCatalogModel, ModelDeployment } from '../../../shared/contracts/models.ts';
import type { Candidate } from '../../../shared/models/deployment-pool.ts';
import { createDeploymentState } from '../../../shared/models/deployment-state.ts';

export const chatModel = (name: string, facts: Partial<ChatCatalogModel> = {}): ChatCatalogModel => ({
  kind: 'chat',
  name,
  contextTokens: 16_000,
  maxOutputTokens: 1_000,
  size: 'small',
  abilities: [],
  prices: [],
  deployments: [{ endpoint: 'eu', deployment: name, priority: 1, weight: 1 }],
  ...facts,
});

/** A deployment as a candidate, with `busy` requests under way. */
export function candidate(
  name: string,
  facts: Partial<ModelDeployment> & { readonly busy?: number } = {},
  now: () => number = () => 0,
): Candidate {
  const { busy = 0, ...more } = facts;
  const deployment = { endpoint: name, deployment: 'm', priority: 1, weight: 1, ...more };
  const state = createDeploymentState(deployment, now);
  for (let count = 0; count < busy; count += 1) state.begin(0);
  const endpoint = { kind: 'azure', url: 'http://127.0.0.1', region: name, zone: name } as const;
  return { state, target: { key: `${name}/m`, model: chatModel('m'), deployment, endpoint } };
}
