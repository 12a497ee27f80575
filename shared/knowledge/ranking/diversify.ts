import { areNearCopies, type Sketch, sketchOf } from './near-copies.ts';

/** So many passages of a document count in full; each further one this much less than the one before. */
const FULL_PASSAGES = 3;
const DECAY = 0.85;
/** Two scores that are this close say nothing about which of two copies fits better. */
const SAME_SCORE = 0.01;

export interface Ranked {
  readonly documentId: string;
  readonly text: string;
  readonly score: number;
  /** When its content was last changed, if that is known. */
  readonly modifiedAt?: string | null | undefined;
}

/**
 * The first passages of a ranking without near copies, of which the best stays, or the newest of those that fit as well; and
 * with less of one document where others fit nearly as well. Scores are those by which it ranks.
 * @param ranked best first. Takes linear time in the passages that it looks at, times those that it gives.
 */
export function diversify<T extends Ranked>(ranked: readonly T[], limit: number): T[] {
  const waiting = [...ranked];
  const chosen: { passage: T; sketch: Sketch }[] = [];
  const ofDocument = new Map<string, number>();
  while (waiting.length > 0 && chosen.length < limit) {
    const { index, score } = bestOf(waiting, ofDocument);
    const [passage] = waiting.splice(index, 1);
    if (!passage) break;
    const sketch = sketchOf(passage.text);
    const original = chosen.find((one) => areNearCopies(one.sketch, sketch));
    if (original) {
      if (isNewerAndFitsAsWell(passage, original.passage))
        original.passage = { ...passage, score: original.passage.score };
      continue;
    }
    chosen.push({ passage: { ...passage, score }, sketch });
    ofDocument.set(passage.documentId, (ofDocument.get(passage.documentId) ?? 0) + 1);
  }
  return chosen.map(({ passage }) => passage);
}

function bestOf(waiting: readonly Ranked[], ofDocument: ReadonlyMap<string, number>): { index: number; score: number } {
  let best = { index: 0, score: Number.NEGATIVE_INFINITY };
  for (const [index, { documentId, score: whole }] of waiting.entries()) {
    // Best first: what follows cannot come out on top any more.
    if (whole <= best.score) break;
    const score = whole * DECAY ** Math.max(0, (ofDocument.get(documentId) ?? 0) + 1 - FULL_PASSAGES);
    if (score > best.score) best = { index, score };
  }
  return best;
}

function isNewerAndFitsAsWell(copy: Ranked, kept: Ranked): boolean {
  return kept.score - copy.score <= SAME_SCORE && (copy.modifiedAt ?? '') > (kept.modifiedAt ?? '');
}
