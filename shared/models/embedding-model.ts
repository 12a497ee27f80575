import type { ModelUser } from './model-gateway.ts';

export interface Embeddings {
  readonly vectors: readonly (readonly number[])[];
  /** As reported by the model's service. */
  readonly inputTokens: number;
}

/** Turns texts into vectors of one length. */
export interface EmbeddingModel {
  readonly name: string;
  readonly dimensions: number;
  /** One vector for each text, in order, from where the policy lets data be processed. @throws AppError as `ChatModel.stream`. */
  embed(user: ModelUser, texts: readonly string[], signal?: AbortSignal): Promise<Embeddings>;
}

/** One for documents: it says what makes one request. More is parted, and a part that fails loses what the others took. */
export interface BatchEmbeddingModel extends EmbeddingModel {
  readonly request: { readonly texts: number; readonly tokens: number };
}
