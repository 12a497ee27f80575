import type { ChatCatalogModel } from '../contracts/models.ts';
import type { UiMessageChunk } from '../contracts/ui-message-stream.ts';
import type { Principal } from '../identity/principal.ts';
import type { ModelChoice, ModelGateway } from '../models/model-gateway.ts';
import type { AgentState } from './agent-state.ts';
import { shortenConversation } from './shorten-conversation.ts';

export type Notice = Extract<UiMessageChunk, { type: 'data-notice' }>;

export const historyTrimmed: Notice = {
  type: 'data-notice',
  data: { code: 'history-trimmed', text: 'The conversation is long. Its oldest part was left out of this answer.' },
};

export function largerModel({ name }: ChatCatalogModel): Notice {
  const text = `The conversation is long. ${name} answers, which can read more at once.`;
  return { type: 'data-notice', data: { code: 'larger-model', text } };
}

/** A choice that was made because another model could not read enough. */
export function choiceOfLarger(model: ChatCatalogModel): ModelChoice {
  return { model, reason: 'larger-context' };
}

/** How many tokens a prompt for a model may have beside its longest answer. */
export function promptBudget({ contextTokens, maxOutputTokens }: ChatCatalogModel): number {
  return contextTokens - maxOutputTokens;
}

/**
 * Goes on with a larger model if there is one, else leaves out what is oldest. Says which; null when neither is possible.
 */
export function makeRoom(
  gateway: Pick<ModelGateway, 'larger'>,
  principal: Pick<Principal, 'tenantChain'>,
  state: AgentState,
  budgetTokens: number,
): Notice | null {
  const larger = gateway.larger(principal, state.choice.model);
  if (larger) {
    state.choice = choiceOfLarger(larger);
    return largerModel(larger);
  }
  const shorter = shortenConversation(state.messages, budgetTokens);
  if (!shorter) return null;
  state.messages = shorter;
  return historyTrimmed;
}
