import { randomUUID } from 'node:crypto';
import type { ChatRequest, Tool } from './request-schemas.ts';
import { fittingValue } from './structured-output.ts';

/** A function that the model asks its caller to run. */
export interface ToolCall {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
}

const MAX_CALLS = 8;

/**
 * The calls that a request leads to: those that the user names as in `use the tool NAME with {"a": 1}`, or the one that
 * `tool_choice` forces, its arguments made to fit the schema. None once a tool has answered.
 */
export function toolCallsFor(request: ChatRequest, question: string): ToolCall[] {
  const tools = request.tools ?? [];
  const choice = request.tool_choice ?? 'auto';
  if (tools.length === 0 || choice === 'none' || request.messages.at(-1)?.role === 'tool') return [];
  const allowed =
    typeof choice === 'object' ? tools.filter((tool) => tool.function.name === choice.function.name) : tools;
  const named = namedCalls(question, allowed);
  if (named.length > 0 || choice === 'auto') return named;
  return allowed.slice(0, 1).map((tool) => call(tool, undefined, question));
}

function namedCalls(question: string, tools: readonly Tool[]): ToolCall[] {
  return [...question.matchAll(/\btool\s+[`"']?([\w.-]+)[`"']?(?:\s+with\s+(?=\{))?/gi)]
    .flatMap(({ 0: words, 1: name, index }) => {
      const tool = tools.find((candidate) => candidate.function.name === name);
      return tool ? [call(tool, objectAt(question, index + words.length), question)] : [];
    })
    .slice(0, MAX_CALLS);
}

function call(tool: Tool, given: string | undefined, question: string): ToolCall {
  const { name, parameters } = tool.function;
  const fitting = given ?? JSON.stringify(fittingValue({ type: 'object', ...parameters }, question));
  return {
    id: `call_${randomUUID().replaceAll('-', '').slice(0, 24)}`,
    type: 'function',
    function: { name, arguments: fitting },
  };
}

/** The JSON object that begins at a place of a text. */
function objectAt(text: string, start: number): string | undefined {
  if (text[start] !== '{') return undefined;
  for (let end = text.indexOf('}', start); end >= 0; end = text.indexOf('}', end + 1)) {
    const candidate = text.slice(start, end + 1);
    if (isJson(candidate)) return candidate;
  }
  return undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
