import type { Logger } from '../../telemetry/logger.ts';
import { metrics } from '../../telemetry/metrics.ts';
import { withSpan } from '../../telemetry/span.ts';
import type { AddUsage } from '../../usage/usage-meter.ts';
import type { Passage } from '../passage.ts';
import { readableText } from '../passages-to-read.ts';
import type { Reranker } from './reranker.ts';

/** Of the best so many are judged again; what they cost rises with their number. */
const JUDGED_PASSAGES = 30;
const TIMEOUT_MILLISECONDS = 1_500;
/** After so many failures in a row nobody waits for the service for a while. */
const FAILURES = 3;
const PAUSE_MILLISECONDS = 30_000;

/** Puts a ranking into a better order. Never fails: without the service, the order stays as it is. */
export type RerankPassages = (
  question: string,
  ranked: readonly Passage[],
  addUsage: AddUsage,
) => Promise<readonly Passage[]>;

export function createPassageReranking(
  reranker: Reranker,
  { log, now }: { readonly log: Logger; readonly now: () => Date },
): RerankPassages {
  let failures = 0;
  let pausedUntil = 0;

  function failed(error: unknown): void {
    failures += 1;
    if (failures >= FAILURES) pausedUntil = now().getTime() + PAUSE_MILLISECONDS;
    metrics.reranks.add(1, { outcome: 'failed' });
    log.warn('passages could not be reranked', { error });
  }

  return async (question, ranked, addUsage) => {
    if (ranked.length < 2) return ranked;
    if (now().getTime() < pausedUntil) {
      metrics.reranks.add(1, { outcome: 'paused' });
      return ranked;
    }
    const texts = ranked.slice(0, JUDGED_PASSAGES).map(judgedText);
    try {
      const { scores, usage } = await withSpan('rerank', { 'platform.passages': texts.length }, () =>
        reranker.rerank(question, texts, AbortSignal.timeout(TIMEOUT_MILLISECONDS)),
      );
      failures = 0;
      metrics.reranks.add(1, { outcome: 'ok' });
      addUsage('rerank', reranker.model, usage);
      return reordered(ranked, scores);
    } catch (error) {
      failed(error);
      return ranked;
    }
  };
}

/** As a model reads it, without its surroundings: those of neighbours are much the same, and would tell them apart no more. */
function judgedText({ headingPath, text, tableHeader }: Passage): string {
  return [...headingPath, readableText({ text, tableHeader })].join('\n');
}

/** What was judged comes first, in the upper half of the scores; what was not keeps its order behind. */
function reordered(ranked: readonly Passage[], judged: ReadonlyMap<number, number>): Passage[] {
  const values = [...judged.values()];
  const lowest = Math.min(...values);
  const range = Math.max(...values) - lowest;
  const passages = ranked.map((passage, place) => {
    const rerank = judged.get(place);
    if (rerank === undefined) return { ...passage, score: passage.score / 2 };
    const scaled = range === 0 ? 1 : (rerank - lowest) / range;
    return { ...passage, score: (1 + scaled) / 2, scores: { ...passage.scores, rerank } };
  });
  return passages.sort((a, b) => b.score - a.score);
}
