import type { ModelUsage } from '../models/model-usage.ts';
import type { AnswerEvent, FinishReason } from './answer-event.ts';
import { errorEvent } from './forward-stream.ts';
import type { UrlCitation } from './url-citation.ts';

/** What all chunks of a completion, or the whole of it, have in common. */
export interface CompletionHead {
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly model: string;
}

const END = Buffer.from('data: [DONE]\n\n');

/** An answer as one chat completion, with its citations as annotations of the message and our own facts as `platform`. */
export async function wholeCompletion(head: CompletionHead, events: AsyncIterable<AnswerEvent>): Promise<Uint8Array> {
  let content = '';
  let finish: Extract<AnswerEvent, { type: 'finish' }> | null = null;
  const annotations: object[] = [];
  for await (const event of events) {
    if (event.type === 'text') content += event.text;
    else if (event.type === 'citation') annotations.push(annotation(event.citation));
    else if (event.type === 'finish') finish = event;
  }
  const message = { role: 'assistant', content, refusal: null, annotations };
  const choice = { index: 0, message, logprobs: null, finish_reason: finish?.reason ?? 'stop' };
  const usage = finish && completionUsage(finish.usage);
  const completion = { ...head, object: 'chat.completion', choices: [choice], usage, platform: finish?.platform };
  return Buffer.from(JSON.stringify(completion));
}

/** The same as a stream of chunks; a citation is an annotation of the delta after its marker, the facts are in the last. */
export async function* completionChunks(
  head: CompletionHead,
  events: AsyncIterable<AnswerEvent>,
  includeUsage: boolean,
): AsyncGenerator<Uint8Array> {
  const chunk = (fields: object) =>
    Buffer.from(`data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', ...fields })}\n\n`);
  const delta = (said: object, reason: FinishReason | null = null, fields: object = {}) =>
    chunk({ choices: [{ index: 0, delta: said, logprobs: null, finish_reason: reason }], ...fields });
  try {
    yield delta({ role: 'assistant', content: '', refusal: null });
    for await (const event of events) {
      if (event.type === 'text') yield delta({ content: event.text });
      else if (event.type === 'citation') yield delta({ annotations: [annotation(event.citation)] });
      else if (event.type === 'finish') {
        yield delta({}, event.reason, { platform: event.platform });
        if (includeUsage) yield chunk({ choices: [], usage: completionUsage(event.usage) });
      }
    }
    yield END;
  } catch (error) {
    yield errorEvent(error);
  }
}

function annotation(url_citation: UrlCitation) {
  return { type: 'url_citation', url_citation };
}

function completionUsage({ inputTokens, cachedInputTokens, outputTokens }: ModelUsage) {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: cachedInputTokens },
  };
}
