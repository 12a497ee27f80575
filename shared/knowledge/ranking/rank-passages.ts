import type { Passage } from '../passage.ts';
import type { Hit, IndexedPassage } from '../vector-store.ts';
import { fuse, type Scores } from './fusion.ts';

export interface Hits {
  readonly dense: readonly Hit[];
  readonly sparse: readonly Hit[];
}

/** What was found in the space of one model. */
export interface SpaceHits extends Hits {
  /** 0 to 1, as for `fuse`. */
  readonly denseWeight: number;
}

/**
 * Ranks what spaces found together, best first. Words are scored alike in all of them, so they are scaled over all; how near
 * two vectors are means something else for each model, so that is scaled within its space.
 */
export function rankSpaces(spaces: readonly SpaceHits[]): Passage[] {
  const words = new Map(spaces.flatMap(({ sparse }) => sparse.map((hit) => [hit.id, hit.score] as const)));
  const ranked = spaces.map((space) => rankPassages(space, words));
  if (ranked.length === 1) return ranked[0] ?? [];
  return ranked.flat().sort((one, other) => other.score - one.score || (one.id < other.id ? -1 : 1));
}

/** All that was found in a space. @param words scores of this space and of those that it is ranked with. */
function rankPassages({ dense, sparse, denseWeight }: SpaceHits, words: Scores): Passage[] {
  const denseScores = new Map(dense.map((hit) => [hit.id, hit.score]));
  const passages = new Map([...dense, ...sparse].map((hit) => [hit.id, hit.passage]));
  const newest = newestVersions(passages.values());
  return fuse(denseScores, words, denseWeight).flatMap(({ id, score }) => {
    const passage = passages.get(id);
    if (!passage || passage.version !== newest.get(passage.documentId)) return [];
    const scores = { dense: denseScores.get(id) ?? null, sparse: words.get(id) ?? null };
    return [{ ...passage, id, score, scores }];
  });
}

/** While a new version goes live, a search may see both for a moment; only the newer one counts. */
function newestVersions(passages: Iterable<IndexedPassage>): Map<string, number> {
  const newest = new Map<string, number>();
  for (const { documentId, version } of passages) {
    newest.set(documentId, Math.max(version, newest.get(documentId) ?? 0));
  }
  return newest;
}
