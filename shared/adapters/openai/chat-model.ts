import type { OpenAI } from 'openai';
import type { ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions';
import type { ModelConfig } from '../../config.ts';
import type { ChatModel, ChatModelEvent, ChatModelRequest } from '../../models/chat-model.ts';
import { retry } from '../retry.ts';
import { readFrames } from './chat-frames.ts';
import { modelDelay } from './model-delay.ts';
import { toModelError } from './model-failure.ts';
import { openaiClient } from './openai-client.ts';
import { type SilenceGuard, type SilenceLimits, silenceGuard } from './silence-guard.ts';

/** All in milliseconds, `tries` apart. */
export interface ChatLimits extends SilenceLimits {
  /** All of them before the first text. */
  readonly tries: number;
  readonly firstDelay: number;
  readonly longestDelay: number;
}

export const CHAT_LIMITS: ChatLimits = {
  firstToken: 30_000,
  stall: 30_000,
  total: 300_000,
  tries: 3,
  firstDelay: 500,
  longestDelay: 10_000,
};

/** Azure OpenAI, or any service that speaks its protocol. Rejects with the signal's reason when that aborts. */
export function createChatModel(config: ModelConfig, limits: ChatLimits = CHAT_LIMITS): ChatModel {
  const connect = openaiClient(config);
  const deployment = config.chatDeployment;

  async function begin(request: ChatModelRequest, guard: SilenceGuard) {
    const client = await connect();
    const frames = await client.chat.completions.create(body(config, request), { signal: guard.signal });
    let begun = false;
    const events = readFrames(frames, request, deployment, () => begun && guard.heard());
    const first = await events.next();
    begun = true;
    guard.heard();
    return { first, events };
  }

  async function* stream(request: ChatModelRequest, signal: AbortSignal): AsyncGenerator<ChatModelEvent> {
    const guard = silenceGuard(signal, limits);
    try {
      const { first, events } = await retry(() => begin(request, guard), {
        tries: limits.tries,
        deadline: limits.firstToken,
        delayAfter: (error, attempt) => modelDelay(error, attempt, limits.firstDelay, limits.longestDelay),
        signal: guard.signal,
      });
      if (!first.done) yield first.value;
      yield* events;
    } catch (error) {
      throw guard.signal.aborted ? guard.signal.reason : toModelError(error, config, deployment);
    } finally {
      guard.stop();
    }
  }

  return { name: deployment, contextTokens: config.contextTokens, maxOutputTokens: config.maxOutputTokens, stream };
}

function body(config: ModelConfig, request: ChatModelRequest): ChatCompletionCreateParamsStreaming {
  const limit = request.maxOutputTokens;
  return {
    model: config.chatDeployment,
    messages: request.messages.map(({ role, content }) => ({ role, content })),
    stream: true,
    stream_options: { include_usage: true },
    // Reasoning models accept only the new name, most compatible services know only the old one.
    ...(config.kind === 'azure' ? { max_completion_tokens: limit } : { max_tokens: limit }),
  } satisfies OpenAI.ChatCompletionCreateParamsStreaming;
}
