import type { Citation } from '../contracts/citations.ts';
import type { ModelUsage } from '../models/chat-model.ts';

export type FinishReason = 'stop' | 'length' | 'content_filter' | 'tool_calls';

/** A place in an answer that names a passage, as OpenAI cites pages of the web, with what the platform knows of it. */
export interface UrlCitation {
  /** First character of the marker in the answer. */
  readonly start_index: number;
  /** One past its last character. */
  readonly end_index: number;
  readonly title: string;
  readonly url: string;
  readonly citation: Citation;
}

/** A piece of an answer, wherever it comes from. Any number of them, then one `finish`. */
export type AnswerEvent =
  | { readonly type: 'text' | 'refusal'; readonly text: string }
  /** The first piece of a call has its id and name. */
  | {
      readonly type: 'tool-call';
      readonly index: number;
      readonly id?: string | undefined;
      readonly name?: string | undefined;
      readonly arguments: string;
    }
  | { readonly type: 'citation'; readonly citation: UrlCitation }
  | { readonly type: 'finish'; readonly reason: FinishReason; readonly usage: ModelUsage };
