import { isJudged, judgeQuestion } from '../chat/judge-question.ts';
import type { TurnUsage } from '../chat/turn-usage.ts';
import { AUTO_MODEL, type ModelAbility } from '../contracts/models.ts';
import type { ChatCompletionRequest } from '../contracts/openai.ts';
import { AppError, isAppError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import type { ChatModel } from '../models/chat-model.ts';
import { type Difficulty, guessDifficulty } from '../models/difficulty.ts';
import type { ModelChoice, ModelGateway } from '../models/model-gateway.ts';
import { questionIn } from './conversation.ts';

const IMAGE_PART = 'image_url';
/** How hard a question is shows at its beginning. */
const JUDGED_CHARACTERS = 4_000;

/**
 * Chooses the model of a request by what that needs; how hard it is, is guessed unless it was judged.
 * @throws AppError `not_found`, `forbidden` or `unprocessable` as the gateway does, in the words of OpenAI.
 */
export function chooseChatModel(
  gateway: ModelGateway,
  principal: Principal,
  request: ChatCompletionRequest,
  inputTokens: number,
  judged?: Difficulty,
): ModelChoice {
  const { model, messages } = request;
  const difficulty = judged ?? (model === AUTO_MODEL ? guessDifficulty(judgedPart(messages)) : undefined);
  try {
    return gateway.choose(principal, { model, inputTokens, needs: needsOf(request), difficulty });
  } catch (error) {
    throw isAppError(error) ? aboutModel(error) : error;
  }
}

/**
 * How hard the question of a request to `auto` is by the small model, where the policy has that judged; else null.
 * @throws AppError of the limits
 */
export async function judgeRequest(
  { chatModel: model, gateway }: { readonly chatModel: ChatModel; readonly gateway: ModelGateway },
  principal: Principal,
  { model: asked, messages }: ChatCompletionRequest,
  usage: TurnUsage,
): Promise<Difficulty | null> {
  if (!isJudged(gateway, principal, asked)) return null;
  return judgeQuestion({ model, gateway }, principal, { model: asked, message: judgedPart(messages) }, usage);
}

const judgedPart = (messages: ChatCompletionRequest['messages']) => questionIn(messages).slice(0, JUDGED_CHARACTERS);

/** The error of a model that is not there for this caller. */
export function unknownModel(model: string): AppError {
  const message = `The model \`${model}\` does not exist, or you may not use it. See /openai/v1/models.`;
  return new AppError('not_found', message, { details: { code: 'model_not_found', param: 'model' } });
}

function aboutModel({ code, message, cause, details }: AppError): AppError {
  const openAiCode = code === 'not_found' ? { code: 'model_not_found' } : {};
  return new AppError(code, message, { cause, details: { ...details, ...openAiCode, param: 'model' } });
}

function needsOf({ tools, functions, response_format, logprobs, messages }: ChatCompletionRequest): ModelAbility[] {
  const needs: ModelAbility[] = [];
  if (tools?.length || (Array.isArray(functions) && functions.length > 0)) needs.push('tools');
  if (response_format?.type === 'json_schema') needs.push('json-schema');
  if (logprobs) needs.push('logprobs');
  if (messages.some(hasImage)) needs.push('vision');
  return needs;
}

function hasImage(message: unknown): boolean {
  const content = (message as { readonly content?: unknown } | null)?.content;
  return Array.isArray(content) && content.some((part: { type?: unknown } | null) => part?.type === IMAGE_PART);
}
