export interface ChatModelMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

export interface ChatModelRequest {
  readonly messages: readonly ChatModelMessage[];
  readonly maxOutputTokens: number;
}

export interface ModelUsage {
  readonly inputTokens: number;
  /** The part of `inputTokens` that the service had cached. */
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  /** The service did not count; this is by the length of the texts. */
  readonly isEstimated?: boolean;
}

export type ModelFinishReason = 'stop' | 'length' | 'content-filter';

export type ChatModelEvent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'finish'; readonly reason: ModelFinishReason; readonly usage: ModelUsage; readonly model: string };

/** A model that answers in a stream: any number of `text`, then one `finish`. */
export interface ChatModel {
  readonly name: string;
  /** Tokens of prompt and answer together. */
  readonly contextTokens: number;
  readonly maxOutputTokens: number;
  /** @throws AppError `content_filtered`, `context_too_long`, `too_many_requests`, `upstream_failed` or `upstream_timeout`. */
  stream(request: ChatModelRequest, signal: AbortSignal): AsyncIterable<ChatModelEvent>;
}
