import type { ResponsesRequest } from '../contracts/openai.ts';
import type { Principal } from '../identity/principal.ts';
import { type CallContext, type OpenAiAnswer, wholeBody } from './answer.ts';
import type { AnswerEvent } from './answer-event.ts';
import { beginCompletion } from './chat-completions.ts';
import { type KnowledgeCompletionOptions, refuseWhatItCannotDo } from './complete-from-knowledge.ts';
import { completionEvents, streamedEvents } from './completion-events.ts';
import { conversationOf } from './conversation.ts';
import { answerFromKnowledge, type BegunAnswer } from './knowledge-answer.ts';
import { isKnowledgeModel } from './knowledge-models.ts';
import { measureRequest } from './measure-request.ts';
import { responseEvents } from './response-events.ts';
import { createResponseWriter } from './response-writer.ts';
import { toChatRequest } from './responses-to-chat.ts';

const MILLISECONDS = 1_000;

/** Answers a request for a response: translated into a chat completion and back, with nothing kept. */
export async function createResponse(
  options: KnowledgeCompletionOptions,
  principal: Principal,
  request: ResponsesRequest,
  context: CallContext,
): Promise<OpenAiAnswer> {
  measureRequest(request);
  const { route, cache, call, events } = isKnowledgeModel(request.model)
    ? await fromKnowledge(options, principal, request, context)
    : await fromModel(options, principal, request);
  const writer = createResponseWriter(request, {
    id: `resp_${options.randomId()}`,
    createdAt: Math.floor(options.now().getTime() / MILLISECONDS),
    newId: (prefix) => `${prefix}_${options.randomId()}`,
  });
  const content = request.stream ? responseEvents(writer, events) : await whole(writer, events);
  return { content, route, cache, rateLimit: call.rateLimit };
}

async function fromModel(
  options: KnowledgeCompletionOptions,
  principal: Principal,
  request: ResponsesRequest,
): Promise<BegunAnswer> {
  const { answer, call, closed } = await beginCompletion(options, principal, toChatRequest(request), 'responses');
  const { body, route } = answer;
  const events = request.stream ? streamedEvents(body) : whenRead(body);
  return { route, cache: null, call, events: endedAfter(events, closed) };
}

function fromKnowledge(
  options: KnowledgeCompletionOptions,
  principal: Principal,
  request: ResponsesRequest,
  context: CallContext,
): Promise<BegunAnswer> {
  const chat = toChatRequest(request);
  refuseWhatItCannotDo(chat);
  const question = {
    model: request.model,
    conversation: conversationOf(chat.messages),
    maxOutputTokens: request.max_output_tokens,
    operation: 'responses' as const,
    stream: request.stream === true,
    useCache: context.useCache,
    filters: chat.platform?.filters,
  };
  return answerFromKnowledge(options, principal, question, context.baseUrl);
}

async function* whenRead(body: AsyncIterable<Uint8Array>): AsyncGenerator<AnswerEvent> {
  yield* completionEvents(await wholeBody(body));
}

/** The end, or a failure, is not told before the call is on record. */
async function* endedAfter(events: AsyncIterable<AnswerEvent>, closed: Promise<unknown>): AsyncGenerator<AnswerEvent> {
  try {
    for await (const event of events) {
      if (event.type !== 'finish') yield event;
      else {
        await closed;
        yield event;
      }
    }
  } catch (error) {
    await closed;
    throw error;
  }
}

async function whole(
  writer: ReturnType<typeof createResponseWriter>,
  events: AsyncIterable<AnswerEvent>,
): Promise<Uint8Array> {
  for await (const event of events) writer.write(event);
  return Buffer.from(JSON.stringify(writer.response()));
}
