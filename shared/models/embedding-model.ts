export interface Embeddings {
  readonly vectors: readonly (readonly number[])[];
  /** As reported by the model's service. */
  readonly inputTokens: number;
}

/** Turns texts into vectors of one length. */
export interface EmbeddingModel {
  readonly name: string;
  readonly dimensions: number;
  /** One vector for each text, in order. @throws AppError `upstream_failed`, `upstream_timeout` or `too_many_requests`. */
  embed(texts: readonly string[], signal?: AbortSignal): Promise<Embeddings>;
}
