import type { Policy } from '../contracts/policy.ts';
import { AppError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';

/** Whether a policy lets a model be used; one that names no models allows all. */
export function allowsModel({ models }: Policy, model: string): boolean {
  return models === undefined || models.includes(model);
}

/** @throws AppError `forbidden` for a model that the tenant's policy leaves out. */
export function requireModel({ tenantChain: [{ policy }] }: Pick<Principal, 'tenantChain'>, model: string): void {
  if (allowsModel(policy, model)) return;
  throw new AppError(
    'forbidden',
    `The policy of your tenant does not allow the model ${model}. Ask your administrator.`,
    {
      details: { model, allowed: policy.models },
    },
  );
}
