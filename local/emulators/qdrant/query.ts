import type { Collection } from './collection.ts';
import { UNNAMED_VECTOR } from './collection-schema.ts';
import { badRequest, formatError, notFound, wrongInput } from './errors.ts';
import { matchingSlots } from './filter.ts';
import type { Condition, Filter } from './filter-schema.ts';
import { isJsonObject } from './json-path.ts';
import { comparePointIds, readPointId } from './point-id.ts';
import { bestHits, fuseByReciprocalRank, type Hit, type HitOrder } from './ranking.ts';
import type { QueryRequest, QueryStage } from './request-schemas.ts';
import { readVector, type StoredVector } from './vector-input.ts';

/** What Qdrant scores points with that no query ranked. */
const UNRANKED_SCORE = 1;

/** Answers a query exactly, best hit first; equal scores are in the order of their ids. */
export function runQuery(collection: Collection, request: QueryRequest): Hit[] {
  const offset = request.offset ?? 0;
  return runStage(collection, { ...request, limit: request.limit + offset }, []).slice(offset);
}

function runStage(collection: Collection, stage: QueryStage, outerFilters: readonly Filter[]): Hit[] {
  const filters = stage.filter ? [...outerFilters, stage.filter] : [...outerFilters];
  const { query, prefetch } = stage;
  // A root filter also narrows what is prefetched, as in Qdrant.
  const rankings = prefetch?.map((inner) => runStage(collection, inner, filters));
  if (query === undefined || query === null) return unranked(collection, stage, filters);
  if (isFusion(query)) return fused(collection, stage, rankings);
  return nearest(collection, stage, query, filters, rankings);
}

type Fusion =
  | { readonly fusion: 'rrf' }
  | { readonly rrf: { readonly k?: number | null; readonly weights?: number[] | null } };
type Query = NonNullable<QueryStage['query']>;

const isFusion = (query: Query): query is Extract<Query, Fusion> =>
  isJsonObject(query) && ('fusion' in query || 'rrf' in query);

function unranked({ store }: Collection, stage: QueryStage, filters: readonly Filter[]): Hit[] {
  if (stage.prefetch?.length) {
    throw badRequest("A query is needed to merge the prefetches. Can't have prefetches without defining a query.");
  }
  if (typeof stage.score_threshold === 'number') {
    throw badRequest(
      "A query is needed to use the score_threshold. Can't have score_threshold without defining a query.",
    );
  }
  const passing = new Set(matchingSlots(allOf(filters), store));
  const slots = store.slotsById().filter((slot) => passing.has(slot));
  return slots.slice(0, stage.limit).map((slot) => ({ slot, score: UNRANKED_SCORE }));
}

function fused(collection: Collection, stage: QueryStage, rankings: Hit[][] | undefined): Hit[] {
  if (!rankings?.length) throw badRequest('Fusion queries need at least one prefetch.');
  if (stage.using) throw badRequest("Fusion queries cannot be combined with the 'using' field.");
  const { k, weights } = isJsonObject(stage.query) && 'rrf' in stage.query ? (stage.query as RrfQuery).rrf : {};
  if (weights && weights.length !== rankings.length) {
    const counts = `got ${weights.length}, expected ${rankings.length}`;
    throw wrongInput(`Number of weights in RRF should match number of pre-fetches: ${counts}`);
  }
  const threshold = stage.score_threshold ?? Number.NEGATIVE_INFINITY;
  const hits = fuseByReciprocalRank(rankings, k, weights).filter(({ score }) => score >= threshold);
  return bestHits(hits, stage.limit, orderOf(collection, true));
}

type RrfQuery = Extract<Fusion, { rrf: unknown }>;

function nearest(
  collection: Collection,
  stage: QueryStage,
  query: Query,
  filters: readonly Filter[],
  rankings: Hit[][] | undefined,
): Hit[] {
  const name = stage.using ?? UNNAMED_VECTOR;
  const target = readTarget(collection, name, query);
  const excluded: Filter[] = target.self === undefined ? [] : [{ must_not: [{ has_id: [target.self] }] }];
  const prefetched = rankings && new Set(rankings.flat().map(({ slot }) => slot));
  const matching = matchingSlots(allOf([...filters, ...excluded]), collection.store);
  const slots = prefetched ? matching.filter((slot) => prefetched.has(slot)) : matching;
  const scores = scoresOf(collection, name, target.vector, slots);

  const larger = collection.schema.dense.get(name)?.distance !== 'Euclid';
  const threshold = stage.score_threshold;
  const passes = (value: number): boolean =>
    typeof threshold !== 'number' || (larger ? value > threshold : value < threshold);
  const hits: Hit[] = [];
  slots.forEach((slot, position) => {
    const score = scores[position] as number;
    if (!Number.isNaN(score) && passes(score)) hits.push({ slot, score });
  });
  return bestHits(hits, stage.limit, orderOf(collection, larger));
}

interface Target {
  readonly vector: StoredVector;
  /** Set when the query is a stored point, which is then not among its own neighbours. */
  readonly self?: string | number;
}

function readTarget({ store, schema }: Collection, name: string, query: Query): Target {
  const wanted = isJsonObject(query) && 'nearest' in query ? query.nearest : query;
  if (typeof wanted !== 'number' && typeof wanted !== 'string') return { vector: readVector(name, wanted, schema) };
  const id = readPointId(wanted);
  if (id === undefined) throw formatError(`value ${JSON.stringify(wanted)} is not a valid point ID`);
  if (!schema.dense.has(name) && !schema.sparse.has(name)) throw wrongInput(`Not existing vector name error: ${name}`);
  const slot = store.slotOf(id);
  if (slot === undefined) throw notFound(`No point with id ${id} found`);
  const vector = store.vectors.at(slot)[name];
  if (!vector) throw wrongInput(`Vector with name \`${name}\` not found for point ${id}`);
  return { vector, self: id };
}

function scoresOf({ store }: Collection, name: string, vector: StoredVector, slots: number[]): Float64Array {
  const scores =
    vector instanceof Float32Array
      ? store.vectors.dense.get(name)?.score(vector, slots)
      : store.vectors.sparse.get(name)?.score(vector, slots);
  if (!scores) throw wrongInput(`Not existing vector name error: ${name}`);
  return scores;
}

function orderOf({ store }: Collection, largerIsBetter: boolean): HitOrder {
  const direction = largerIsBetter ? -1 : 1;
  return (left, right) => {
    if (left.score !== right.score) return direction * (left.score - right.score);
    return comparePointIds(store.at(left.slot).id, store.at(right.slot).id);
  };
}

const allOf = (filters: readonly Filter[]): Filter | undefined => {
  const conditions: Condition[] = [...filters];
  return filters.length === 1 ? filters[0] : conditions.length > 0 ? { must: conditions } : undefined;
};
