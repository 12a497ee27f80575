import { z } from 'zod';
import { AppError } from '../../errors.ts';
import type { Reranker } from '../../knowledge/ranking/reranker.ts';
import type { ModelUsage } from '../../models/model-usage.ts';
import type { RerankConfig } from '../../settings/rerank-settings.ts';
import { readBounded } from '../read-bounded.ts';

const MAX_DOCUMENT_CHARACTERS = 4_000;
const MAX_ANSWER_BYTES = 256 * 1024;
const UNNAMED = 'reranker';
const count = z.number().int().nonnegative();
/** As Jina, Voyage and vLLM tell. */
const Tokens = z.object({ usage: z.object({ total_tokens: count }) });
/** As Cohere tells. */
const Searches = z.object({ meta: z.object({ billed_units: z.object({ search_units: count }) }) });

/**
 * A cross-encoder behind HTTP: `cohere`, as Cohere, Jina, Voyage and vLLM speak, or `tei`, as Hugging Face's Text Embeddings Inference
 * does. Asked once, without a retry, as somebody waits.
 */
export function createHttpReranker({ url, key, model, format }: RerankConfig): Reranker {
  const bodyOf = (query: string, documents: readonly string[]) =>
    format === 'tei'
      ? { query, texts: documents, truncate: true }
      : { query, documents, top_n: documents.length, ...(model !== undefined && { model }) };
  return {
    model: model ?? UNNAMED,
    async rerank(question, documents, signal) {
      const cut = documents.map((text) => text.slice(0, MAX_DOCUMENT_CHARACTERS).toWellFormed());
      try {
        const response = await fetch(`${url}/rerank`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...(key !== undefined && { authorization: `Bearer ${key}` }) },
          body: JSON.stringify(bodyOf(question, cut)),
          redirect: 'error',
          signal,
        });
        if (!response.ok) {
          await response.body?.cancel();
          throw unavailable(`answered ${response.status}`);
        }
        const text = await readBounded(response, MAX_ANSWER_BYTES);
        if (text === null) throw unavailable('answered too much');
        const answer: unknown = JSON.parse(text);
        return { scores: scoresOf(answer, documents.length), usage: usageOf(answer) };
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        throw error instanceof AppError ? error : unavailable('cannot be reached or is not understood', error);
      }
    },
  };
}

function usageOf(answer: unknown): ModelUsage {
  const none = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 };
  const tokens = Tokens.safeParse(answer).data?.usage.total_tokens;
  if (tokens !== undefined) return { ...none, inputTokens: tokens };
  return { ...none, units: Searches.safeParse(answer).data?.meta.billed_units.search_units ?? 1 };
}

/** Every form is a list of an index with a score. */
function scoresOf(answer: unknown, documents: number): Map<number, number> {
  const results = Array.isArray(answer)
    ? answer
    : ((answer as { results?: unknown; data?: unknown } | null)?.results ??
      (answer as { data?: unknown } | null)?.data);
  if (!Array.isArray(results)) throw unavailable('gave no results');
  const scores = new Map<number, number>();
  for (const result of results as ({ index?: unknown; relevance_score?: unknown; score?: unknown } | null)[]) {
    const index = result?.index;
    const score = result?.relevance_score ?? result?.score;
    const isPlace = typeof index === 'number' && Number.isInteger(index) && index >= 0 && index < documents;
    if (!isPlace || typeof score !== 'number' || !Number.isFinite(score)) throw unavailable('gave a wrong result');
    scores.set(index, score);
  }
  if (scores.size === 0) throw unavailable('gave no results');
  return scores;
}

function unavailable(what: string, cause?: unknown): AppError {
  return new AppError('dependency_unavailable', `The reranker ${what}: check RERANK_URL and RERANK_KEY.`, { cause });
}
