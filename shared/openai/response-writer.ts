import type { ResponsesRequest } from '../contracts/openai.ts';
import type { ModelUsage } from '../models/model-usage.ts';
import type { AnswerEvent, FinishReason } from './answer-event.ts';
import { createResponseOutput, type ResponseEvent } from './response-output.ts';

/** Writes an answer as OpenAI's response: its events, and what it is in the end. */
export interface ResponseWriter {
  begin(): ResponseEvent[];
  write(event: AnswerEvent): ResponseEvent[];
  /** As it stands. */
  response(): object;
}

export interface ResponseHead {
  readonly id: string;
  /** Seconds since 1970. */
  readonly createdAt: number;
  readonly newId: (prefix: 'msg' | 'fc') => string;
}

const INCOMPLETE: Partial<Record<FinishReason, string>> = {
  length: 'max_output_tokens',
  content_filter: 'content_filter',
};

export function createResponseWriter(request: ResponsesRequest, head: ResponseHead): ResponseWriter {
  const output = createResponseOutput(head.newId);
  const asked = askedFields(request);
  let ending: Extract<AnswerEvent, { type: 'finish' }> | null = null;

  function response(): object {
    const incomplete = ending ? INCOMPLETE[ending.reason] : undefined;
    return {
      id: head.id,
      object: 'response',
      created_at: head.createdAt,
      status: ending === null ? 'in_progress' : statusOf(ending.reason),
      background: false,
      error: null,
      incomplete_details: incomplete ? { reason: incomplete } : null,
      ...asked,
      output: [...output.items],
      previous_response_id: null,
      store: false,
      truncation: 'disabled',
      usage: ending && responseUsage(ending.usage),
      ...(ending?.platform && { platform: ending.platform }),
    };
  }

  return {
    response,
    begin: () => [
      { type: 'response.created', response: response() },
      { type: 'response.in_progress', response: response() },
    ],
    write(event) {
      if (event.type === 'tool-call') return output.toolCall(event);
      if (event.type === 'citation') return output.citation(event.citation);
      if (event.type !== 'finish') return output.text(event.type, event.text);
      const status = statusOf(event.reason);
      const events = output.end(status);
      ending = event;
      return [...events, { type: `response.${status}`, response: response() }];
    },
  };
}

const statusOf = (reason: FinishReason) => (INCOMPLETE[reason] ? 'incomplete' : 'completed');

/** What a response says of its request, with OpenAI's own values for what was left out. */
function askedFields(request: ResponsesRequest): object {
  return {
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    metadata: request.metadata ?? {},
    model: request.model,
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    reasoning: { effort: request.reasoning?.effort ?? null, summary: null },
    temperature: request.temperature ?? null,
    text: { format: request.text?.format ?? { type: 'text' } },
    tool_choice: request.tool_choice ?? 'auto',
    tools: request.tools ?? [],
    top_p: request.top_p ?? null,
    ...(request.user && { user: request.user }),
  };
}

function responseUsage({ inputTokens, cachedInputTokens, outputTokens }: ModelUsage): object {
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: cachedInputTokens },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: inputTokens + outputTokens,
  };
}
