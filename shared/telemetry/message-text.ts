import type { Policy } from '../contracts/policy.ts';
import { redactText } from './redact.ts';
import type { SpanAttributes } from './span-attributes.ts';

/** What was said in a conversation, by whom. */
export interface SpokenMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly text: string;
}

/** What was said to a model, and what it said. */
export interface Spoken {
  readonly input?: readonly SpokenMessage[];
  readonly output?: { readonly text: string; readonly finishReason?: string };
}

/** The newest ones: a trace is to say what happened, not to be the archive of a conversation. */
const MAX_MESSAGES = 20;

/**
 * The text of messages as attributes of a span, in the form of OpenTelemetry's GenAI conventions: only where the policy of
 * the tenant allows it, and without recognisable secrets. The one way in which text gets into a trace.
 */
export function messageText({ traceMessageText }: Policy, { input, output }: Spoken): SpanAttributes {
  if (traceMessageText !== true) return {};
  return {
    ...(input && { 'gen_ai.input.messages': JSON.stringify(input.slice(-MAX_MESSAGES).map(toMessage)) }),
    ...(output && {
      'gen_ai.output.messages': JSON.stringify([
        { ...toMessage({ role: 'assistant', text: output.text }), finish_reason: output.finishReason },
      ]),
    }),
  };
}

function toMessage({ role, text }: SpokenMessage) {
  return { role, parts: [{ type: 'text', content: redactText(text) }] };
}
