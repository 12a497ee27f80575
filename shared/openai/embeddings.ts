import type { EmbeddingCatalogModel } from '../contracts/models.ts';
import type { EmbeddingsRequest } from '../contracts/openai.ts';
import { AppError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import { estimateTokens } from '../limits/estimate-tokens.ts';
import { type OpenAiAnswer, wholeBody } from './answer.ts';
import { type GatewayCallOptions, send } from './chat-completions.ts';
import { unknownModel } from './choose-chat-model.ts';
import { measureRequest } from './measure-request.ts';
import { openCall } from './model-call.ts';

/** Answers with vectors as the model's service sends them. @throws AppError as a chat completion. */
export async function embedInputs(
  options: GatewayCallOptions,
  principal: Principal,
  request: EmbeddingsRequest,
): Promise<OpenAiAnswer> {
  const { gateway, prices, now } = options;
  const { model: name, ...body } = request;
  const { input, ...rest } = body;
  measureRequest(rest);
  const model = gateway.models(principal).find((one) => one.kind === 'embedding' && one.name === name);
  if (model?.kind !== 'embedding') throw unknownModel(name);
  requireDimensions(request, model);
  const most = { inputTokens: tokensOf(input), cachedInputTokens: 0, outputTokens: 0 };
  const estimate = { ...prices.amountsOf(name, most, now().toISOString()), knowledgeBaseIds: [] };
  const facts = { operation: 'embeddings', subject: name, stream: false } as const;
  const call = await openCall(options, principal, facts, estimate);
  const sent = { operation: 'embeddings' as const, reason: 'asked', model, body, stream: false };
  const { answer, closed } = await send(options, principal, call, sent);
  const content = await wholeBody(answer.body).finally(() => closed);
  return { content, route: answer.route, cache: null, rateLimit: call.rateLimit };
}

/** Vectors may be cut short, never made longer. */
function requireDimensions({ dimensions }: EmbeddingsRequest, model: EmbeddingCatalogModel): void {
  if (!dimensions || dimensions <= model.dimensions) return;
  const message = `The model ${model.name} has ${model.dimensions} dimensions. Ask for at most that many.`;
  throw new AppError('bad_request', message, { details: { param: 'dimensions' } });
}

function tokensOf(input: EmbeddingsRequest['input']): number {
  if (typeof input === 'string') return estimateTokens(input);
  return input.reduce<number>((sum, one) => {
    if (typeof one === 'number') return sum + 1;
    return sum + (typeof one === 'string' ? estimateTokens(one) : one.length);
  }, 0);
}
