import type { KnowledgeBase } from '../contracts/knowledge-bases.ts';
import type { ModelRoute } from '../contracts/models.ts';
import { AppError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import type { KnowledgeBases } from '../knowledge/knowledge-bases.ts';
import { estimateTokens } from '../limits/estimate-tokens.ts';
import type { ChatModel, ChatModelEvent, ModelFinishReason, ModelUsage } from '../models/chat-model.ts';
import type { ModelGateway } from '../models/model-gateway.ts';
import type { AnswerEvent, FinishReason } from './answer-event.ts';
import { createCitationReader } from './cite-passages.ts';
import type { Conversation } from './conversation.ts';
import { asAppError } from './forward-stream.ts';
import { knowledgeBaseOf } from './knowledge-models.ts';
import { type KnowledgePromptOptions, knowledgePrompt } from './knowledge-prompt.ts';
import { type CallFacts, type ModelCall, openCall } from './model-call.ts';

export interface KnowledgeAnswerOptions extends KnowledgePromptOptions {
  readonly gateway: ModelGateway;
  readonly chatModel: ChatModel;
  readonly knowledgeBases: KnowledgeBases;
}

export interface KnowledgeQuestion {
  /** `kb/{name or id}` */
  readonly model: string;
  readonly conversation: Conversation;
  readonly maxOutputTokens: number | null | undefined;
  readonly operation: CallFacts['operation'];
  readonly stream: boolean;
  readonly baseUrl: string;
}

/** An answer whose first word is there. */
export interface BegunAnswer {
  readonly route: ModelRoute;
  readonly call: ModelCall;
  /** @throws AppError when the model fails after its first word. */
  readonly events: AsyncIterable<AnswerEvent>;
}

/** What a search usually brings: eight passages of 400 tokens. */
const PASSAGE_TOKENS = 3_200;

/**
 * Answers from a knowledge base as the platform's chat does, with the caller's own access and history.
 * @throws AppError `not_found` for one that the caller may not see, `forbidden` without `knowledge:read`; else as a chat turn.
 */
export async function answerFromKnowledge(
  options: KnowledgeAnswerOptions,
  principal: Principal,
  question: KnowledgeQuestion,
): Promise<BegunAnswer> {
  const { gateway, chatModel, prices, now } = options;
  const knowledgeBase = await findKnowledgeBase(options, principal, question.model);
  const inputTokens = PASSAGE_TOKENS + tokensOf(question.conversation);
  const { model, reason } = gateway.choose(principal, { model: undefined, inputTokens, needs: [] });
  const maxOutputTokens = Math.min(question.maxOutputTokens ?? model.maxOutputTokens, model.maxOutputTokens);
  const most = prices.amountsOf(
    model.name,
    { inputTokens, cachedInputTokens: 0, outputTokens: maxOutputTokens },
    now().toISOString(),
  );
  const facts = { operation: question.operation, subject: knowledgeBase.id, stream: question.stream };
  const call = await openCall(options, principal, facts, { ...most, knowledgeBaseIds: [knowledgeBase.id] });
  call.usage.searched([knowledgeBase.id]);
  try {
    const budgetTokens = model.contextTokens - maxOutputTokens;
    const asked = { knowledgeBase, budgetTokens, conversation: question.conversation };
    const { instructions, conversation, passages } = await knowledgePrompt(options, principal, call, asked);
    const messages = [instructions, ...conversation];
    const request = { messages, maxOutputTokens, affinity: knowledgeBase.id };
    const told = chatModel.stream(principal, { model, reason }, request, new AbortController().signal);
    const { route, rest } = await begun(told[Symbol.asyncIterator]());
    const citations = createCitationReader({
      passages,
      question: question.conversation.question,
      baseUrl: question.baseUrl,
    });
    const promptText = messages.map(({ content }) => content).join('');
    return { route, call, events: answerEvents({ rest, route, call, citations, promptText, model: model.name }) };
  } catch (error) {
    await call.fail(asAppError(error));
    throw error;
  }
}

async function findKnowledgeBase(
  { knowledgeBases }: KnowledgeAnswerOptions,
  principal: Principal,
  model: string,
): Promise<KnowledgeBase> {
  if (!principal.permissions.has('knowledge:read')) {
    throw new AppError(
      'forbidden',
      'To ask knowledge bases, the permission knowledge:read is needed besides chat:use.',
    );
  }
  return knowledgeBaseOf(model, await knowledgeBases.list(principal));
}

function tokensOf({ question, history }: Conversation): number {
  return history.reduce((sum, { text }) => sum + estimateTokens(text), estimateTokens(question));
}

/** Waits for the first word, so that a failure before it is still a plain error. */
async function begun(
  events: AsyncIterator<ChatModelEvent>,
): Promise<{ route: ModelRoute; rest: AsyncIterable<ChatModelEvent> }> {
  const first = await events.next();
  if (first.done || first.value.type !== 'route') {
    throw new AppError('internal', 'The model did not say where it answers from.');
  }
  const second = await events.next();
  async function* rest(): AsyncGenerator<ChatModelEvent> {
    try {
      if (second.done) return;
      yield second.value;
      yield* { [Symbol.asyncIterator]: () => events };
    } finally {
      // Also for a reader who goes away at the first word, before the others are asked for.
      await events.return?.();
    }
  }
  return { route: first.value.route, rest: rest() };
}

interface AnswerInProgress {
  readonly rest: AsyncIterable<ChatModelEvent>;
  readonly route: ModelRoute;
  readonly call: ModelCall;
  readonly citations: ReturnType<typeof createCitationReader>;
  readonly promptText: string;
  readonly model: string;
}

/** Tells on what the model says, with citations between; closes the call before it tells the end, or the failure. */
async function* answerEvents(answer: AnswerInProgress): AsyncGenerator<AnswerEvent> {
  const { call, route, model } = answer;
  let text = '';
  let finish: { reason: ModelFinishReason; usage: ModelUsage } | null = null;
  let failure: AppError | null = null;
  const usage = () => finish?.usage ?? estimatedUsage(answer.promptText, text);
  try {
    for await (const event of answer.rest) {
      if (event.type === 'finish') finish = event;
      if (event.type !== 'text') continue;
      text += event.text;
      yield { type: 'text', text: event.text };
      for (const citation of answer.citations(event.text)) yield { type: 'citation', citation };
    }
  } catch (error) {
    failure = asAppError(error);
  } finally {
    // Also for a reader who goes away in the middle.
    call.usage.add('chat', model, usage());
    await call.close(route, { usage: usage(), finishReason: finish?.reason ?? null, failure });
  }
  if (failure) throw failure;
  yield { type: 'finish', reason: FINISH_REASON[finish?.reason ?? 'stop'], usage: usage() };
}

function estimatedUsage(prompt: string, text: string): ModelUsage {
  const inputTokens = estimateTokens(prompt);
  return { inputTokens, cachedInputTokens: 0, outputTokens: estimateTokens(text), isEstimated: true };
}

const FINISH_REASON: Readonly<Record<ModelFinishReason, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  'content-filter': 'content_filter',
  'tool-calls': 'stop',
};
