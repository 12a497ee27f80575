/** What a call of a model took: tokens, or units of what is not paid by them. */
export interface ModelUsage {
  readonly inputTokens: number;
  /** The part of `inputTokens` that the service had cached. */
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  /** Pages that were read, or searches that were judged. Left out: none. */
  readonly units?: number;
  /** The service did not count; this is by the length of the texts. */
  readonly isEstimated?: boolean;
}

export const NO_TOKENS: ModelUsage = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 };

export type ModelFinishReason = 'stop' | 'length' | 'content-filter' | 'tool-calls';
