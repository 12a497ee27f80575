import type { ModelRoute } from '../contracts/models.ts';
import type { Principal } from '../identity/principal.ts';
import type { ModelChoice } from './model-gateway.ts';
import type { ModelFinishReason, ModelUsage } from './model-usage.ts';

/** A tool that the model wants to be run. */
export interface ModelToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON as the model wrote it, not yet checked. */
  readonly arguments: string;
}

export type ChatModelMessage =
  | { readonly role: 'system' | 'user'; readonly content: string }
  | { readonly role: 'assistant'; readonly content: string; readonly toolCalls?: readonly ModelToolCall[] }
  | { readonly role: 'tool'; readonly toolCallId: string; readonly content: string };

/** A tool as the model is told about it. */
export interface ToolSpecification {
  readonly name: string;
  readonly description: string;
  /** A JSON Schema of type object. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface ChatModelRequest {
  readonly messages: readonly ChatModelMessage[];
  readonly maxOutputTokens: number;
  readonly tools?: readonly ToolSpecification[];
  /** What shares the beginning of its prompts, such as a session: its calls go where that is still warm. */
  readonly affinity?: string;
}

/** First `route`, then any number of `text` and `tool-call`, then one `finish`. */
export type ChatModelEvent =
  | { readonly type: 'route'; readonly route: ModelRoute }
  | { readonly type: 'text'; readonly text: string }
  | ({ readonly type: 'tool-call' } & ModelToolCall)
  | { readonly type: 'finish'; readonly reason: ModelFinishReason; readonly usage: ModelUsage; readonly model: string };

/** Asks chat models; before the first word another deployment takes over when one fails, after it none does. */
export interface ChatModel {
  /**
   * @throws AppError `content_filtered`, `context_too_long`, `too_many_requests`, `bad_request`, `upstream_failed`,
   * `upstream_timeout` or `dependency_unavailable`; the signal's reason when that aborts.
   */
  stream(
    principal: Pick<Principal, 'tenantChain'>,
    choice: ModelChoice,
    request: ChatModelRequest,
    signal: AbortSignal,
  ): AsyncIterable<ChatModelEvent>;
}
