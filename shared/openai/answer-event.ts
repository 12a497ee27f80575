import type { AnswerSupport, CacheStatus } from '../contracts/citations.ts';
import type { ModelUsage } from '../models/model-usage.ts';
import type { UrlCitation } from './url-citation.ts';

export type FinishReason = 'stop' | 'length' | 'content_filter' | 'tool_calls';

/** What the platform says of its own answer, for which OpenAI has no words. */
export interface PlatformFacts {
  readonly cache: CacheStatus;
  /** How well the passages that it cites support it; null: it broke off, so that it was not checked. */
  readonly support: AnswerSupport | null;
  /** What the reader should know, such as history that did not fit. */
  readonly notices: readonly { readonly code: string; readonly text: string }[];
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
  | {
      readonly type: 'finish';
      readonly reason: FinishReason;
      readonly usage: ModelUsage;
      /** Of answers from knowledge bases. */
      readonly platform?: PlatformFacts;
    };
