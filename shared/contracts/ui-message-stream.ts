import type { Citation, TokenUsage } from './citations.ts';

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
  | { type: 'data-title'; data: { title: string }; transient: true }
  | { type: 'finish-step' }
  | { type: 'finish'; finishReason: UiFinishReason; messageMetadata: FinishedTurnMetadata }
  | { type: 'abort'; reason: string }
  | { type: 'error'; errorText: string };

export type UiFinishReason = 'stop' | 'length' | 'content-filter' | 'error' | 'other';

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
