import type { ChatCompletionRequest } from '../contracts/openai.ts';
import { AppError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import type { CallContext, OpenAiAnswer } from './answer.ts';
import { completionChunks, wholeCompletion } from './completion-writer.ts';
import { conversationOf } from './conversation.ts';
import { answerFromKnowledge, type KnowledgeAnswerOptions } from './knowledge-answer.ts';
import { measureRequest } from './measure-request.ts';

export interface KnowledgeCompletionOptions extends KnowledgeAnswerOptions {
  /** A random part of an id, such as a ULID. */
  readonly randomId: () => string;
}

const MILLISECONDS = 1_000;

/** Answers a chat completion from a knowledge base. How to answer is the platform's choice: sampling has no effect. */
export async function completeFromKnowledge(
  options: KnowledgeCompletionOptions,
  principal: Principal,
  request: ChatCompletionRequest,
  { baseUrl, useCache }: CallContext,
): Promise<OpenAiAnswer> {
  refuseWhatItCannotDo(request);
  measureRequest(request);
  const { model, messages } = request;
  const stream = request.stream === true;
  const question = {
    model,
    conversation: conversationOf(messages),
    maxOutputTokens: request.max_completion_tokens ?? request.max_tokens,
    operation: 'chat' as const,
    stream,
    useCache,
    filters: request.platform?.filters,
  };
  const { route, cache, call, events } = await answerFromKnowledge(options, principal, question, baseUrl);
  const created = Math.floor(options.now().getTime() / MILLISECONDS);
  const head = { id: `chatcmpl-${options.randomId()}`, created, model };
  const includeUsage = request.stream_options?.include_usage === true;
  const content = stream ? completionChunks(head, events, includeUsage) : await wholeCompletion(head, events);
  return { content, route, cache, rateLimit: call.rateLimit };
}

/** @throws AppError `bad_request` for what would be passed over in silence, although the answer depends on it. */
export function refuseWhatItCannotDo({ n, tools, response_format, logprobs, store }: KnowledgeDemands): void {
  const refused =
    (n && n > 1 && 'n') ||
    (tools?.length && 'tools') ||
    (response_format && response_format.type !== 'text' && 'response_format') ||
    (logprobs && 'logprobs') ||
    (store && 'store');
  if (!refused) return;
  const message = `A knowledge base answers in text, once, and without tools: leave out \`${refused}\`, or ask a model.`;
  throw new AppError('bad_request', message, { details: { param: refused } });
}

type KnowledgeDemands = Partial<Pick<ChatCompletionRequest, 'n' | 'tools' | 'response_format' | 'logprobs' | 'store'>>;
