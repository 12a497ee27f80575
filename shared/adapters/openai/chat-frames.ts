import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import type { ChatModelEvent, ChatModelRequest, ModelFinishReason, ModelUsage } from '../../models/chat-model.ts';
import { CutStreamError } from './model-failure.ts';

const CHARACTERS_PER_TOKEN = 4;

const FINISH_REASONS: Readonly<Record<string, ModelFinishReason>> = {
  stop: 'stop',
  length: 'length',
  content_filter: 'content-filter',
};

/** A frame as services really send it: any part may be missing. */
type Frame = Partial<Pick<ChatCompletionChunk, 'model' | 'usage'>> & {
  readonly choices?: readonly {
    readonly delta?: { readonly content?: string | null; readonly refusal?: string | null } | null;
    readonly finish_reason?: string | null;
  }[];
};

/**
 * Reads the frames of a streamed answer; `onFrame` hears of each. Where the service counts no tokens, the usage is
 * estimated at four characters a token. @throws CutStreamError when the frames end before the answer has.
 */
export async function* readFrames(
  frames: AsyncIterable<Frame>,
  request: ChatModelRequest,
  fallbackModel: string,
  onFrame: () => void,
): AsyncGenerator<ChatModelEvent, void, undefined> {
  let model = fallbackModel;
  let usage: ModelUsage | undefined;
  let reason: ModelFinishReason | undefined;
  let characters = 0;
  for await (const frame of frames) {
    onFrame();
    model = frame.model || model;
    usage = usageOf(frame) ?? usage;
    const choice = frame.choices?.[0];
    const text = choice?.delta?.content ?? choice?.delta?.refusal;
    if (text) {
      characters += text.length;
      yield { type: 'text', text };
    }
    if (choice?.finish_reason) reason = FINISH_REASONS[choice.finish_reason] ?? 'stop';
  }
  if (!reason) throw new CutStreamError('The stream ended without a finish reason.');
  yield { type: 'finish', reason, usage: usage ?? estimate(request, characters), model };
}

function usageOf({ usage }: Frame): ModelUsage | undefined {
  if (!usage) return undefined;
  return {
    inputTokens: usage.prompt_tokens ?? 0,
    cachedInputTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
    outputTokens: usage.completion_tokens ?? 0,
  };
}

function estimate(request: ChatModelRequest, characters: number): ModelUsage {
  const prompt = request.messages.reduce((sum, message) => sum + message.content.length, 0);
  return {
    inputTokens: Math.ceil(prompt / CHARACTERS_PER_TOKEN),
    cachedInputTokens: 0,
    outputTokens: Math.ceil(characters / CHARACTERS_PER_TOKEN),
    isEstimated: true,
  };
}
