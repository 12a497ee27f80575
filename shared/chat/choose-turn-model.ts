import { AUTO_MODEL } from '../contracts/models.ts';
import { isAppError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import type { Difficulty } from '../models/difficulty.ts';
import type { ModelChoice, ModelGateway } from '../models/model-gateway.ts';

/** What is known of a turn when its model is chosen. */
export interface ModelQuestion {
  /** A name or `auto`, as the turn asks for it. */
  readonly asked: string | undefined;
  /** What the session was begun with. */
  readonly remembered?: string | null | undefined;
  readonly inputTokens: number;
  readonly hasTools: boolean;
  readonly difficulty?: Difficulty | undefined;
}

/**
 * Chooses the model of a turn: the one asked for, else that of the session while it may be used, else the tenant's default.
 * Only `auto` looks for one that can use tools; with any other, tools are not offered where it cannot.
 * @throws AppError as `ModelGateway.choose`
 */
export function chooseTurnModel(
  gateway: ModelGateway,
  principal: Pick<Principal, 'tenantChain'>,
  { asked, remembered, inputTokens, hasTools, difficulty }: ModelQuestion,
): ModelChoice {
  const choose = (model: string | undefined) => {
    const isAuto = (model ?? gateway.defaultModel(principal)) === AUTO_MODEL;
    const needs = isAuto && hasTools && canUseTools(gateway, principal) ? (['tools'] as const) : [];
    return gateway.choose(principal, { model, inputTokens, needs, difficulty });
  };
  if (asked !== undefined || !remembered) return choose(asked);
  try {
    return choose(remembered);
  } catch (error) {
    // The session began when the model could still be used.
    if (isAppError(error, 'forbidden') || isAppError(error, 'not_found')) return choose(undefined);
    throw error;
  }
}

function canUseTools(gateway: ModelGateway, principal: Pick<Principal, 'tenantChain'>): boolean {
  return gateway.models(principal).some((model) => model.kind === 'chat' && model.abilities.includes('tools'));
}
