import type { ModelUsage } from '../../models/model-usage.ts';

/** Passages that were judged, and what that took. */
export interface Judgement {
  /** How well each document answers the question, by its place, in any scale; a place without a score was not judged. */
  readonly scores: ReadonlyMap<number, number>;
  /** Tokens where the service counts them, else searches. */
  readonly usage: ModelUsage;
}

/** Reads a question and passages together, which tells better than two vectors how well they fit. */
export interface Reranker {
  /** By which it is on the ledger and has its price. */
  readonly model: string;
  /** @throws AppError `dependency_unavailable`; the signal's reason when that aborts */
  rerank(question: string, documents: readonly string[], signal: AbortSignal): Promise<Judgement>;
}
