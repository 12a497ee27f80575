import type { ChatTurn } from '../contracts/chat.ts';
import { AUTO_MODEL } from '../contracts/models.ts';
import type { Principal } from '../identity/principal.ts';
import type { ChatModel } from '../models/chat-model.ts';
import { classifyDifficulty, type Difficulty, guessDifficulty } from '../models/difficulty.ts';
import type { ModelGateway } from '../models/model-gateway.ts';
import type { TurnUsage } from './turn-usage.ts';

/**
 * How hard the question of a turn is, for `auto`: judged by the small model where the policy says so, once the limits admit
 * the turn; else guessed. @throws AppError of the limits
 */
export async function judgeQuestion(
  { model, gateway }: { readonly model: ChatModel; readonly gateway: ModelGateway },
  principal: Principal,
  turn: Pick<ChatTurn, 'model' | 'message'>,
  usage: Pick<TurnUsage, 'reserved' | 'add'>,
): Promise<Difficulty> {
  if (!isJudged(gateway, principal, turn.model)) return guessDifficulty(turn.message);
  await usage.reserved;
  const small = gateway.choose(principal, { model: AUTO_MODEL, inputTokens: 0, needs: [], difficulty: 'simple' });
  const question = { user: principal, small, question: turn.message };
  const judged = await classifyDifficulty(model, question, new AbortController().signal);
  if (judged.usage) usage.add('chat', small.model.name, judged.usage);
  return judged.difficulty;
}

/** Whether the policy has the questions judged that are for `auto`, and this is one; `asked` left out: of the default model. */
export function isJudged(gateway: ModelGateway, principal: Principal, asked: string | undefined): boolean {
  const isAuto = (asked ?? gateway.defaultModel(principal)) === AUTO_MODEL;
  return isAuto && principal.tenantChain[0].policy.routing?.classify === true;
}
