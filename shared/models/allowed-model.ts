import type { CatalogModel, ModelCatalog, ModelEndpoint } from '../contracts/models.ts';
import type { Policy } from '../contracts/policy.ts';
import { AppError } from '../errors.ts';
import type { ModelUser } from './model-gateway.ts';

/** Whether a policy lets a model be used; one that names no models allows all. */
export function allowsModel({ models }: Policy, model: string): boolean {
  return models === undefined || models.includes(model);
}

/** Whether a policy lets data be processed at an endpoint; one that names no zones and regions allows all. */
export function allowsEndpoint({ residencyRegions }: Policy, { zone, region }: ModelEndpoint): boolean {
  return residencyRegions === undefined || residencyRegions.includes(zone) || residencyRegions.includes(region);
}

/** Whether a model can be asked under a policy: it is listed, and somewhere data may be processed. */
export function isUsable(policy: Policy, { endpoints }: ModelCatalog, { name, deployments }: CatalogModel): boolean {
  if (!allowsModel(policy, name)) return false;
  return deployments.some(({ endpoint }) => {
    const place = endpoints[endpoint];
    return place !== undefined && allowsEndpoint(policy, place);
  });
}

/** The refusal of a model that the tenant's policy leaves out, or that is only where it may not be asked. */
export function forbiddenModel(user: ModelUser, model: string): AppError {
  const { models: allowed } = user.tenantChain[0].policy;
  if (allowsModel({ models: allowed }, model)) return forbiddenRegion(user, model);
  const message = `The policy of your tenant does not allow the model ${model}. Ask your administrator.`;
  return new AppError('forbidden', message, { details: { model, allowed } });
}

/** The refusal of a model that is only where the tenant's policy lets no data be processed. */
export function forbiddenRegion({ tenantChain: [{ policy }] }: ModelUser, model: string): AppError {
  const message = `The model ${model} is not in a region where your tenant's data may be processed.`;
  return new AppError('forbidden', message, { details: { model, residencyRegions: policy.residencyRegions } });
}
