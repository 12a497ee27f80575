/** What a call of a model took, in tokens. */
export interface ModelUsage {
  readonly inputTokens: number;
  /** The part of `inputTokens` that the service had cached. */
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  /** The service did not count; this is by the length of the texts. */
  readonly isEstimated?: boolean;
}

export type ModelFinishReason = 'stop' | 'length' | 'content-filter' | 'tool-calls';
