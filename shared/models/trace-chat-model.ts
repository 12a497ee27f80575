import type { Policy } from '../contracts/policy.ts';
import { messageText, type SpokenMessage } from '../telemetry/message-text.ts';
import { type Span, spanOver, startSpan } from '../telemetry/span.ts';
import type { ChatModel, ChatModelEvent, ChatModelMessage, ChatModelRequest } from './chat-model.ts';
import { noteFirstToken, routeAttributes, usageAttributes } from './model-call-span.ts';

/**
 * Makes every answer of a chat model a span, from the question to the last word, whichever deployments were tried. What was
 * said is part of it only where the tenant's policy says so.
 */
export function traceChatModel(model: ChatModel): ChatModel {
  return {
    stream(principal, choice, request, signal) {
      const { name } = choice.model;
      const span = startSpan(
        `chat ${name}`,
        {
          'gen_ai.operation.name': 'chat',
          'gen_ai.request.model': name,
          'gen_ai.request.max_tokens': request.maxOutputTokens,
          'gen_ai.request.stream': true,
        },
        { kind: 'client' },
      );
      const events = span.within(() => model.stream(principal, choice, request, signal));
      return spanOver(span, observed(span, name, principal.tenantChain[0].policy, request, events));
    },
  };
}

async function* observed(
  span: Span,
  model: string,
  policy: Policy,
  request: ChatModelRequest,
  events: AsyncIterable<ChatModelEvent>,
): AsyncGenerator<ChatModelEvent> {
  const askedAt = performance.now();
  const keepsText = span.isRecording && policy.traceMessageText === true;
  let text = '';
  let finishReason: string | undefined;
  let hasBegun = false;
  try {
    for await (const event of events) {
      if (!hasBegun && event.type !== 'route') {
        hasBegun = true;
        noteFirstToken(span, model, askedAt);
      }
      if (keepsText && event.type === 'text') text += event.text;
      if (event.type === 'route') span.set(routeAttributes(event.route));
      if (event.type === 'finish') {
        finishReason = event.reason;
        span.set({ ...usageAttributes(event.usage, event.reason), 'gen_ai.response.model': event.model });
      }
      yield event;
    }
  } finally {
    if (keepsText) {
      span.set(messageText(policy, { input: request.messages.map(toSpoken), output: { text, finishReason } }));
    }
  }
}

const toSpoken = ({ role, content }: ChatModelMessage): SpokenMessage => ({ role, text: content });
