import type { ChatCompletionRequest, ResponsesRequest } from '../contracts/openai.ts';
import { inputMessages } from './responses-input.ts';
import { unsupported } from './unsupported.ts';

/** What needs a store of responses, or tools that run here: we keep nothing between calls and run none. */
const STATEFUL = ['previous_response_id', 'conversation', 'prompt', 'background', 'store'] as const;
const HARMLESS_INCLUDES = new Set(['reasoning.encrypted_content']);

/**
 * The chat completion that a request for a response asks for.
 * @throws AppError `bad_request` for what cannot be said as one; it names the field.
 */
export function toChatRequest(request: ResponsesRequest): ChatCompletionRequest {
  refuseState(request);
  const { model, stream, reasoning, text } = request;
  return {
    model,
    messages: [...instructions(request), ...inputMessages(request.input)],
    ...(stream && { stream }),
    ...present({
      max_completion_tokens: request.max_output_tokens,
      temperature: request.temperature,
      top_p: request.top_p,
      parallel_tool_calls: request.tools?.length ? request.parallel_tool_calls : null,
      reasoning_effort: reasoning?.effort,
      verbosity: text?.verbosity,
      user: request.user,
      safety_identifier: request.safety_identifier,
      prompt_cache_key: request.prompt_cache_key,
      service_tier: request.service_tier,
      platform: request.platform,
      tools: request.tools?.length ? request.tools.map(toChatTool) : null,
      tool_choice: toChatToolChoice(request.tool_choice),
      response_format: toResponseFormat(text?.format),
    }),
  };
}

function refuseState(request: ResponsesRequest): void {
  for (const field of STATEFUL) {
    if (request[field])
      throw unsupported(field, 'Nothing is kept between calls: send the whole conversation as `input`.');
  }
  if (request.top_logprobs) throw unsupported('top_logprobs', 'Ask for a chat completion instead.');
  const include = request.include?.find((what) => !HARMLESS_INCLUDES.has(what));
  if (include) throw unsupported('include', `\`${include}\` cannot be included.`);
  if (request.truncation && request.truncation !== 'disabled') {
    throw unsupported('truncation', 'Conversations are not truncated: send what fits.');
  }
}

const instructions = ({ instructions: content }: ResponsesRequest) => (content ? [{ role: 'system', content }] : []);

function present(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));
}

type Tool = NonNullable<ResponsesRequest['tools']>[number];

function toChatTool({ type, name, description, parameters, strict }: Tool, index: number): object {
  if (type !== 'function') throw unsupported(`tools[${index}]`, `There is no tool \`${type}\` here, only functions.`);
  return { type, function: present({ name, description, parameters, strict }) };
}

function toChatToolChoice(choice: ResponsesRequest['tool_choice']): unknown {
  if (!choice || typeof choice === 'string') return choice;
  if (choice.type !== 'function') throw unsupported('tool_choice', `\`${choice.type}\` cannot be chosen here.`);
  return { type: 'function', function: { name: choice.name } };
}

type Format = NonNullable<ResponsesRequest['text']>['format'];

function toResponseFormat(format: Format): unknown {
  if (!format || format.type === 'text') return null;
  if (format.type === 'json_object') return { type: format.type };
  if (format.type !== 'json_schema') throw unsupported('text.format', `There is no format \`${format.type}\`.`);
  const { type, ...json_schema } = format;
  return { type, json_schema };
}
