import type { CatalogModel, ModelCatalog } from '../contracts/models.ts';
import type { Policy } from '../contracts/policy.ts';
import { allowsEndpoint } from './allowed-model.ts';
import { createDeploymentState, type DeploymentState } from './deployment-state.ts';
import type { DeploymentTarget } from './model-transport.ts';

/** A deployment as a candidate for a request. */
export interface Candidate {
  readonly target: DeploymentTarget;
  readonly state: DeploymentState;
}

/** Every deployment of a catalog with what this instance knows of it. */
export interface DeploymentPool {
  /** Those of a model where a policy lets data be processed. */
  candidates(model: CatalogModel, policy: Policy): readonly Candidate[];
  /** All of them, each once. */
  readonly all: readonly Candidate[];
}

export function createDeploymentPool({ endpoints, models }: ModelCatalog, now: () => number): DeploymentPool {
  const known = new Map<string, Candidate>();
  const byModel = new Map<string, readonly Candidate[]>();
  for (const model of models) {
    const candidates = model.deployments.flatMap((deployment): Candidate[] => {
      const endpoint = endpoints[deployment.endpoint];
      if (!endpoint) return [];
      const key = `${deployment.endpoint}/${deployment.deployment}`;
      const state = known.get(key)?.state ?? createDeploymentState(deployment, now);
      const candidate = { target: { key, model, deployment, endpoint }, state };
      if (!known.has(key)) known.set(key, candidate);
      return [candidate];
    });
    byModel.set(model.name, candidates);
  }
  return {
    all: [...known.values()],
    candidates({ name }, policy) {
      const all = byModel.get(name) ?? [];
      if (policy.residencyRegions === undefined) return all;
      return all.filter(({ target }) => allowsEndpoint(policy, target.endpoint));
    },
  };
}
