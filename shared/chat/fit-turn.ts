import type { ChatCatalogModel } from '../contracts/models.ts';
import type { Principal } from '../identity/principal.ts';
import { estimateTokens } from '../limits/estimate-tokens.ts';
import type { ChatModelMessage } from '../models/chat-model.ts';
import type { ModelChoice, ModelGateway } from '../models/model-gateway.ts';
import type { TokenCounter } from '../models/tokenizer.ts';
import type { Tool } from '../tools/tool.ts';
import { specificationOf } from '../tools/tool-input.ts';
import { type FittedPrompt, fitPrompt, type PromptParts } from './fit-prompt.ts';
import { choiceOfLarger, historyTrimmed, largerModel, type Notice, promptBudget } from './make-room.ts';

export interface FittedTurn extends Pick<FittedPrompt, 'passages'> {
  readonly messages: readonly ChatModelMessage[];
  readonly choice: ModelChoice;
  readonly promptVersion: string;
  /** What the reader should know of it. */
  readonly notices: readonly Notice[];
}

export interface FitTurnOptions {
  readonly gateway: Pick<ModelGateway, 'larger'>;
  readonly loadTokenizer: () => Promise<TokenCounter>;
}

/** Builds a prompt for the chosen model, for a larger one where it is too long, and a shorter one where there is none. */
export async function fitTurn(
  { gateway, loadTokenizer }: FitTurnOptions,
  principal: Pick<Principal, 'tenantChain'>,
  chosen: ModelChoice,
  tools: readonly Tool[],
  given: Omit<PromptParts, 'options'>,
): Promise<FittedTurn> {
  const { instructions } = principal.tenantChain[0].policy;
  const parts = { ...given, options: { instructions, hasTools: tools.length > 0 } };
  const taken = tools.length > 0 ? estimateTokens(JSON.stringify(tools.map(specificationOf))) : 0;
  let choice = chosen;
  let fitted = await fitPrompt(parts, promptBudget(choice.model) - taken, loadTokenizer);
  for (let larger = largerFor(fitted, choice); larger; larger = largerFor(fitted, choice)) {
    choice = choiceOfLarger(larger);
    fitted = await fitPrompt(parts, promptBudget(larger) - taken, loadTokenizer);
  }
  const notices = [
    ...(choice === chosen ? [] : [largerModel(choice.model)]),
    ...(fitted.isHistoryTrimmed ? [historyTrimmed] : []),
  ];
  const messages = [fitted.instructions, ...fitted.conversation];
  return { messages, passages: fitted.passages, promptVersion: fitted.version, choice, notices };

  function largerFor({ isTooLong }: FittedPrompt, { model }: ModelChoice): ChatCatalogModel | null {
    return isTooLong ? gateway.larger(principal, model) : null;
  }
}
