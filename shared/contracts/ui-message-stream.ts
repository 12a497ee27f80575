import type { AnswerSupport, CacheStatus, Citation, TokenUsage } from './citations.ts';
import type { ModelRoute } from './models.ts';

/** The parts of the AI SDK's UI message stream protocol that a turn sends. Source: ai-sdk.dev, "Stream Protocols". */
export type UiMessageChunk =
  | { type: 'start'; messageId: string; messageMetadata: TurnMetadata }
  | { type: 'start-step' }
  | { type: 'text-start'; id: string }
  | { type: 'text-delta'; id: string; delta: string }
  | { type: 'text-end'; id: string }
  | {
      type: 'source-document';
      sourceId: string;
      mediaType: string;
      title: string;
      filename: string;
      providerMetadata: { platform: { citation: Citation } };
    }
  | { type: 'tool-input-available'; toolCallId: string; toolName: string; input: unknown; dynamic: true }
  | { type: 'tool-input-error'; toolCallId: string; toolName: string; input: unknown; errorText: string; dynamic: true }
  | { type: 'tool-approval-request'; approvalId: string; toolCallId: string }
  | { type: 'tool-approval-response'; approvalId: string; approved: boolean; reason?: string }
  | { type: 'tool-output-available'; toolCallId: string; output: unknown; dynamic: true }
  | { type: 'tool-output-error'; toolCallId: string; errorText: string; dynamic: true }
  | { type: 'tool-output-denied'; toolCallId: string }
  | { type: 'data-title'; data: { title: string }; transient: true }
  /** Which model answers, from where and why. */
  | { type: 'data-route'; data: ModelRoute }
  /** Something that the reader should know, such as history that did not fit. */
  | { type: 'data-notice'; data: { code: 'history-trimmed' | 'larger-model'; text: string } }
  /** What was searched for in place of a question that could not be understood without the conversation. */
  | { type: 'data-search'; data: { searchedFor: string } }
  /** Whether the answer came from the semantic cache. */
  | { type: 'data-cache'; data: { status: CacheStatus; savedMicroUsd: number } }
  /** How well each cited sentence is supported by the passage that it cites. */
  | { type: 'data-support'; data: AnswerSupport }
  | { type: 'finish-step' }
  | { type: 'finish'; finishReason: UiFinishReason; messageMetadata: FinishedTurnMetadata }
  | { type: 'abort'; reason: string }
  | { type: 'error'; errorText: string };

/** `tool-calls`: the run waits for somebody to approve or deny. */
export type UiFinishReason = 'stop' | 'length' | 'content-filter' | 'tool-calls' | 'error' | 'other';

export interface TurnMetadata {
  sessionId: string;
  runId: string;
}

export interface FinishedTurnMetadata extends TurnMetadata {
  model: string;
  usage: TokenUsage;
}

/** The last event of a stream. */
export const STREAM_DONE = '[DONE]';
