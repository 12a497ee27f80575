import { randomUUID } from 'node:crypto';
import type { Reply } from './chat-reply.ts';
import { filteredCompletion, promptFilterResults, safeCompletion } from './content-filter.ts';
import type { logprobsOf } from './logprobs.ts';
import type { ChatRequest } from './request-schemas.ts';
import { firstTokens } from './token-counting.ts';

const TOKENS_PER_TOOL_CALL = 8;

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter';

/** A reply after the limits of its request. */
export interface Completion extends Reply {
  readonly finishReason: FinishReason;
  readonly tokens: number;
}

export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details: { readonly cached_tokens: number; readonly audio_tokens: 0 };
  readonly completion_tokens_details: { readonly reasoning_tokens: 0; readonly audio_tokens: 0 };
}

/** Applies `stop` and the token limits of a request to a reply. */
export async function limitReply(reply: Reply, request: ChatRequest): Promise<Completion> {
  const limit = request.max_completion_tokens ?? request.max_tokens ?? Number.POSITIVE_INFINITY;
  if (reply.toolCalls.length > 0) {
    const written = reply.toolCalls.map((call) => call.function.name + call.function.arguments).join('');
    const { tokens } = await firstTokens(written, Number.POSITIVE_INFINITY);
    return { ...reply, finishReason: 'tool_calls', tokens: tokens + TOKENS_PER_TOOL_CALL * reply.toolCalls.length };
  }
  const { text, tokens, cut } = await firstTokens(beforeStop(reply.text, request.stop), limit);
  return { text, toolCalls: [], finishReason: cut ? 'length' : 'stop', tokens };
}

function beforeStop(text: string, stop: ChatRequest['stop']): string {
  const ends = [stop ?? []]
    .flat()
    .filter(Boolean)
    .map((word) => text.indexOf(word));
  return text.slice(0, Math.min(text.length, ...ends.filter((end) => end >= 0)));
}

export function usageOf(promptTokens: number, cachedTokens: number, completionTokens: number): Usage {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  };
}

/** What every frame and every whole answer begin with. */
export function completionHead(model: string, object: 'chat.completion' | 'chat.completion.chunk') {
  const created = Math.floor(Date.now() / 1000);
  return {
    id: `chatcmpl-${randomUUID().replaceAll('-', '')}`,
    object,
    created,
    model,
    system_fingerprint: 'fp_local_extractive',
  };
}

/** The body of an answer that is not streamed. */
export function wholeAnswer(
  model: string,
  completion: Completion,
  choices: number,
  usage: Usage,
  logprobs: ReturnType<typeof logprobsOf>,
) {
  const { text, toolCalls, finishReason } = completion;
  const message = {
    role: 'assistant',
    content: toolCalls.length > 0 ? null : text,
    refusal: null,
    ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}),
  };
  const content_filter_results = finishReason === 'content_filter' ? filteredCompletion : safeCompletion;
  return {
    ...completionHead(model, 'chat.completion'),
    prompt_filter_results: promptFilterResults,
    choices: Array.from({ length: choices }, (_, index) => ({
      index,
      message,
      finish_reason: finishReason,
      logprobs,
      content_filter_results,
    })),
    usage,
  };
}
