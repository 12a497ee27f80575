import type { Passage } from '../retrieval.ts';
import type { Hit, IndexedPassage } from '../vector-store.ts';
import { fuse } from './fusion.ts';

export interface Hits {
  readonly dense: readonly Hit[];
  readonly sparse: readonly Hit[];
}

/** All that was found, best first. @param denseWeight 0 to 1, as for `fuse` */
export function rankPassages({ dense, sparse }: Hits, denseWeight: number): Passage[] {
  const denseScores = new Map(dense.map((hit) => [hit.id, hit.score]));
  const sparseScores = new Map(sparse.map((hit) => [hit.id, hit.score]));
  const passages = new Map([...dense, ...sparse].map((hit) => [hit.id, hit.passage]));
  const newest = newestVersions(passages.values());
  return fuse(denseScores, sparseScores, denseWeight).flatMap(({ id, score }) => {
    const passage = passages.get(id);
    if (!passage || passage.version !== newest.get(passage.documentId)) return [];
    const scores = { dense: denseScores.get(id) ?? null, sparse: sparseScores.get(id) ?? null };
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
