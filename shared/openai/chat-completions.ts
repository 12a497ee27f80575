import type { ChatCatalogModel } from '../contracts/models.ts';
import type { ChatCompletionRequest } from '../contracts/openai.ts';
import type { Principal } from '../identity/principal.ts';
import type { Estimate } from '../limits/token-rate-limiter.ts';
import type { ChatModel } from '../models/chat-model.ts';
import type { GatewayAnswer, ModelGateway } from '../models/model-gateway.ts';
import { type OpenAiAnswer, wholeBody } from './answer.ts';
import { chooseChatModel, judgeRequest } from './choose-chat-model.ts';
import { asAppError, forwardStream } from './forward-stream.ts';
import { measureRequest } from './measure-request.ts';
import { admittedCall, type CallFacts, type ModelCall, type ModelCallOptions, newCallUsage } from './model-call.ts';
import { refuseUngoverned } from './refuse-ungoverned.ts';

export interface GatewayCallOptions extends ModelCallOptions {
  readonly gateway: ModelGateway;
  /** Judges how hard a question is. */
  readonly chatModel: ChatModel;
}

/** A chat completion that has begun. */
export interface BegunCompletion {
  readonly answer: GatewayAnswer;
  readonly call: ModelCall;
  /** Resolves when the answer has ended, whatever way, and is on record, metered and settled. */
  readonly closed: Promise<void>;
}

/** Answers a chat completion with the bytes of the model's service. */
export async function completeChat(
  options: GatewayCallOptions,
  principal: Principal,
  request: ChatCompletionRequest,
): Promise<OpenAiAnswer> {
  const { answer, call, closed } = await beginCompletion(options, principal, request, 'chat');
  const includeUsage = request.stream_options?.include_usage === true;
  const content = request.stream
    ? forwardStream({ body: answer.body, closed, includeUsage })
    : await wholeBody(answer.body).finally(() => closed);
  return { content, route: answer.route, cache: null, rateLimit: call.rateLimit };
}

/**
 * Sends a request to a model within the limits of its principal. The call is closed when its answer has ended, which it
 * does also without a reader.
 * @throws AppError of the choice, the limits or the model before its first token.
 */
export async function beginCompletion(
  options: GatewayCallOptions,
  principal: Principal,
  request: ChatCompletionRequest,
  operation: CallFacts['operation'],
): Promise<BegunCompletion> {
  refuseUngoverned(request);
  const { gateway, limiter } = options;
  const stream = request.stream === true;
  const inputTokens = measureRequest(request);
  const guessed = chooseChatModel(gateway, principal, request, inputTokens);
  const estimate = estimateOf(options, request, guessed.model, inputTokens);
  const usage = newCallUsage(options, principal, limiter.reserve(principal, estimate));
  const difficulty = await judgeRequest(options, principal, request, usage);
  const { model, reason } = difficulty
    ? chooseChatModel(gateway, principal, request, inputTokens, difficulty)
    : guessed;
  const { maxOutputTokens, body } = split(request, model);
  const call = await admittedCall(options, principal, { operation, subject: model.name, stream }, usage);
  const affinity = request.prompt_cache_key ?? `${principal.tenantId}:${principal.userId}`;
  const sent = { operation: 'chat' as const, reason, model, body, maxOutputTokens, stream, affinity };
  return send(options, principal, call, sent);
}

/** What a request takes at most. */
function estimateOf(
  { prices, now }: ModelCallOptions,
  request: ChatCompletionRequest,
  model: ChatCatalogModel,
  inputTokens: number,
): Estimate {
  const outputTokens = split(request, model).maxOutputTokens * (request.n ?? 1);
  const most = { inputTokens, cachedInputTokens: 0, outputTokens };
  return { ...prices.amountsOf(model.name, most, now().toISOString()), knowledgeBaseIds: [] };
}

/** Sends what was let in. A failure before the first token closes the call. */
export async function send(
  { gateway }: GatewayCallOptions,
  principal: Principal,
  call: ModelCall,
  request: Parameters<ModelGateway['send']>[1],
): Promise<BegunCompletion> {
  // Nobody can abort it: a client that left is not seen, and what it asked for is paid for.
  const { signal } = new AbortController();
  try {
    const answer = await gateway.send(principal, request, signal);
    const kind = request.operation === 'chat' ? 'chat' : 'embedding';
    const closed = answer.outcome.then((outcome) => {
      call.usage.add(kind, request.model.name, outcome.usage);
      return call.close(answer.route, outcome);
    });
    return { answer, call, closed };
  } catch (error) {
    await call.fail(asAppError(error));
    throw error;
  }
}

/** What a deployment is told for itself, and what it is passed as it came. */
function split(request: ChatCompletionRequest, { maxOutputTokens: longest }: ChatCatalogModel) {
  const { model: _, stream: __, stream_options: ___, platform: ____, ...rest } = request;
  const { max_tokens, max_completion_tokens, ...body } = rest;
  return { body, maxOutputTokens: Math.min(max_completion_tokens ?? max_tokens ?? longest, longest) };
}
