import type { ChatAnswer } from '../contracts/chat.ts';
import type { Principal } from '../identity/principal.ts';
import { startSpan } from '../telemetry/span.ts';
import type { SpanAttributes } from '../telemetry/span-attributes.ts';
import { type Chat, type ChatOptions, createChat, type StartedTurn } from './chat.ts';

/** Makes every turn a span, from its preparation until the answer is saved: the topmost that Langfuse gets. */
export const createTracedChat = (options: ChatOptions): Chat => traceChat(createChat(options));

function traceChat(chat: Chat): Chat {
  const traced: Chat = {
    start: (principal, turn) => traceTurn(principal, () => chat.start(principal, turn)),
    resume: (principal, runId, decisions) => traceTurn(principal, () => chat.resume(principal, runId, decisions)),
    answer: (principal, request) =>
      'decisions' in request
        ? traced.resume(principal, request.runId, request.decisions)
        : traced.start(principal, request),
  };
  return traced;
}

async function traceTurn({ tenantId, userId }: Principal, start: () => Promise<StartedTurn>): Promise<StartedTurn> {
  const span = startSpan('invoke_agent chat', {
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.agent.name': 'chat',
    'langfuse.trace.name': 'chat',
    'platform.tenant.id': tenantId,
    'user.id': userId,
  });
  const failed = (error: unknown) => {
    span.fail(error);
    span.end();
  };
  try {
    const started = await span.within(start);
    const { sessionId, runId } = started;
    span.set({ 'session.id': sessionId, 'gen_ai.conversation.id': sessionId, 'platform.run.id': runId });
    started.answer.then((answer) => {
      span.set(attributesOf(answer));
      span.end();
    }, failed);
    return started;
  } catch (error) {
    failed(error);
    throw error;
  }
}

/** The tokens are those of the model calls below, which are not to be counted twice. */
function attributesOf({
  model,
  finishReason,
  usage,
  citations,
  cache,
  route,
  promptVersion,
}: ChatAnswer): SpanAttributes {
  return {
    'gen_ai.response.model': model,
    'gen_ai.response.finish_reasons': [finishReason],
    'platform.cost.micro_usd': usage.costMicroUsd,
    'platform.citations': citations.length,
    ...(cache && { 'platform.cache': cache }),
    ...(route && { 'platform.route.reason': route.reason, 'platform.route.attempts': route.attempts }),
    ...(promptVersion && { 'platform.prompt.version': promptVersion, 'langfuse.version': promptVersion }),
  };
}
