import { AppError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';

/** @throws AppError `forbidden` for a model that the tenant's policy leaves out. */
export function requireModel({ tenantChain: [{ policy }] }: Pick<Principal, 'tenantChain'>, model: string): void {
  if (policy.models === undefined || policy.models.includes(model)) return;
  throw new AppError(
    'forbidden',
    `The policy of your tenant does not allow the model ${model}. Ask your administrator.`,
    {
      details: { model, allowed: policy.models },
    },
  );
}
