/** A found point and how well it fits. */
export interface Hit {
  readonly slot: number;
  readonly score: number;
}

/** Puts the better hit first. */
export type HitOrder = (left: Hit, right: Hit) => number;

const PRUNE_FACTOR = 4;
const PRUNE_MINIMUM = 256;

/** Keeps the best hits of a long stream without sorting all of it. */
export function bestHits(hits: Iterable<Hit>, limit: number, order: HitOrder): Hit[] {
  const room = Math.max(limit * PRUNE_FACTOR, PRUNE_MINIMUM);
  let kept: Hit[] = [];
  let worst: Hit | undefined;
  for (const hit of hits) {
    if (worst && order(hit, worst) >= 0) continue;
    kept.push(hit);
    if (kept.length < room) continue;
    kept = kept.sort(order).slice(0, limit);
    worst = kept.at(-1);
  }
  return kept.sort(order).slice(0, limit);
}

/** Qdrant's default for the constant of reciprocal rank fusion. */
const DEFAULT_RRF_K = 2;

/** Fuses rankings by reciprocal rank. Source: qdrant `lib/segment/src/common/reciprocal_rank_fusion.rs`. */
export function fuseByReciprocalRank(
  rankings: readonly Hit[][],
  k?: number | null,
  weights?: readonly number[] | null,
): Hit[] {
  const scores = new Map<number, number>();
  rankings.forEach((hits, source) => {
    const weight = weights?.[source] ?? 1;
    if (weight <= 0) return;
    hits.forEach(({ slot }, position) => {
      const score = 1 / ((position + 1) / weight + (k ?? DEFAULT_RRF_K) - 1);
      scores.set(slot, (scores.get(slot) ?? 0) + score);
    });
  });
  return Array.from(scores, ([slot, score]) => ({ slot, score }));
}
