import type { ModelToolCall } from '../models/chat-model.ts';
import type { NumberedCall } from './agent-state.ts';

const MAX_NAME_CHARACTERS = 64;
const MAX_ID_CHARACTERS = 64;

/** A call of the model under a name and an id that can be repeated to it, whatever it made up. */
export function numberCall(call: ModelToolCall, number: number): NumberedCall {
  const name = call.name.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, MAX_NAME_CHARACTERS) || 'unknown';
  const id = call.id.slice(0, MAX_ID_CHARACTERS) || `call_${number}`;
  return { ...call, id, name, number };
}

/** A call as a message tells it: services refuse arguments that are no JSON, also when they are history. */
export function repeatedCall({ id, name, arguments: text }: NumberedCall): ModelToolCall {
  try {
    JSON.parse(text);
    return { id, name, arguments: text };
  } catch {
    return { id, name, arguments: '{}' };
  }
}
