import type { ChatModel, ChatModelEvent, ChatModelMessage, ChatModelRequest } from '../../models/chat-model.ts';
import type { GatewayAnswer, ModelGateway } from '../../models/model-gateway.ts';
import { createChatFrames } from './chat-frames.ts';

/** Chat models behind the gateway, in the events of our own port. */
export function createChatModel(gateway: Pick<ModelGateway, 'send'>): ChatModel {
  return {
    async *stream(principal, choice, request, signal) {
      const answer = await gateway.send(
        principal,
        {
          operation: 'chat',
          model: choice.model,
          reason: choice.reason,
          body: bodyOf(request),
          maxOutputTokens: request.maxOutputTokens,
          affinity: request.affinity,
          stream: true,
        },
        signal,
      );
      yield { type: 'route', route: answer.route };
      yield* eventsOf(answer, choice.model.name);
    },
  };
}

async function* eventsOf(answer: GatewayAnswer, model: string): AsyncGenerator<ChatModelEvent> {
  const frames = createChatFrames();
  for await (const chunk of answer.body) {
    for (const text of frames.textsIn(chunk)) yield { type: 'text', text };
  }
  for (const call of frames.toolCalls()) yield { type: 'tool-call', ...call };
  const { finishReason, usage } = await answer.outcome;
  yield { type: 'finish', reason: finishReason ?? 'stop', usage, model };
}

function bodyOf({ messages, tools }: ChatModelRequest): Record<string, unknown> {
  return {
    messages: messages.map(wireMessage),
    ...(tools && tools.length > 0 && { tools: tools.map((tool) => ({ type: 'function', function: tool })) }),
  };
}

function wireMessage(message: ChatModelMessage): Record<string, unknown> {
  if (message.role === 'tool') {
    return { role: 'tool', tool_call_id: message.toolCallId, content: message.content };
  }
  if (message.role !== 'assistant' || !message.toolCalls?.length) {
    return { role: message.role, content: message.content };
  }
  const toolCalls = message.toolCalls.map(({ id, name, arguments: written }) => ({
    id,
    type: 'function',
    function: { name, arguments: written },
  }));
  return { role: 'assistant', content: message.content || null, tool_calls: toolCalls };
}
