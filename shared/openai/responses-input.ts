import type { ResponsesRequest } from '../contracts/openai.ts';
import { AppError } from '../errors.ts';
import { unsupported } from './unsupported.ts';

type Item = Readonly<Record<string, unknown>>;

interface ToolCall {
  readonly id: unknown;
  readonly type: 'function';
  readonly function: { readonly name: unknown; readonly arguments: unknown };
}

interface ChatMessage {
  readonly role: string;
  readonly content?: unknown;
  readonly tool_calls?: ToolCall[];
  readonly tool_call_id?: unknown;
}

const ROLES: readonly unknown[] = ['user', 'assistant', 'system', 'developer'];

/** The messages that a response's input stands for. @throws AppError `bad_request` for an item that we cannot read. */
export function inputMessages(input: ResponsesRequest['input']): ChatMessage[] {
  if (typeof input === 'string') return [{ role: 'user', content: input }];
  const messages: ChatMessage[] = [];
  for (const [index, item] of input.entries()) add(messages, item, `input[${index}]`);
  return messages;
}

function add(messages: ChatMessage[], item: Item, place: string): void {
  switch (item.type ?? 'message') {
    case 'message':
      messages.push(message(item, place));
      return;
    case 'function_call':
      addToolCall(messages, item);
      return;
    case 'function_call_output':
      messages.push({ role: 'tool', tool_call_id: item.call_id, content: content(item.output, place) });
      return;
    case 'reasoning':
      // A model's thoughts have no place in a chat completion; it thinks again.
      return;
    default:
      throw unsupported(place, `Items of the type \`${String(item.type)}\` cannot be read.`);
  }
}

function message({ role, content: said }: Item, place: string): ChatMessage {
  if (!ROLES.includes(role)) throw invalid(place, 'must have the role user, assistant, system or developer');
  return { role: String(role), content: content(said, place) };
}

/** Calls that a model made at once are one message of a chat. */
function addToolCall(messages: ChatMessage[], { call_id, name, arguments: written }: Item): void {
  const call: ToolCall = { id: call_id, type: 'function', function: { name, arguments: written } };
  const last = messages.at(-1);
  if (last?.role !== 'assistant') messages.push({ role: 'assistant', content: null, tool_calls: [call] });
  else messages[messages.length - 1] = { ...last, tool_calls: [...(last.tool_calls ?? []), call] };
}

/** Text as it is; parts one by one. */
function content(said: unknown, place: string): unknown {
  if (typeof said === 'string') return said;
  if (!Array.isArray(said)) throw invalid(place, 'must have content: a text or an array of parts');
  return said.map((part: Item | null, index) => toChatPart(part ?? {}, `${place}.content[${index}]`));
}

function toChatPart({ type, text, refusal, image_url, detail }: Item, place: string): object {
  if (type === 'input_text' || type === 'output_text') return { type: 'text', text };
  if (type === 'refusal') return { type, refusal };
  if (type === 'input_image' && typeof image_url === 'string') {
    return { type: 'image_url', image_url: { url: image_url, ...(typeof detail === 'string' && { detail }) } };
  }
  throw unsupported(place, `Parts of the type \`${String(type)}\` cannot be read.`);
}

const invalid = (param: string, problem: string) =>
  new AppError('bad_request', `\`${param}\` ${problem}.`, { details: { param } });
