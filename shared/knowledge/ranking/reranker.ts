/** Reads a question and passages together, which tells better than two vectors how well they fit. */
export interface Reranker {
  /**
   * How well each document answers a question, by its place, in any scale; a place without a score was not judged.
   * @throws AppError `dependency_unavailable`; the signal's reason when that aborts
   */
  rerank(question: string, documents: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<number, number>>;
}
