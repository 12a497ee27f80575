import type { Schemas } from '@qdrant/js-client-rest';
import type { SearchScope } from '../../knowledge/search-scope.ts';
import type { Hit, SpaceName, VectorQuery } from '../../knowledge/vector-store.ts';
import { collectionName, unlessMissing } from './collection.ts';
import { searchable } from './filters.ts';
import { fromPayload, isWithin } from './payload.ts';
import type { QdrantCall } from './qdrant-client.ts';

/** Asks for the nearest dense and sparse points of a scope in one request. @throws AppError when it names no tenant. */
export async function search(
  call: QdrantCall,
  space: SpaceName,
  scope: SearchScope,
  query: VectorQuery,
): Promise<{ dense: Hit[]; sparse: Hit[] }> {
  const searches = searchesFor(scope, query);
  if (searches.length === 0) return { dense: [], sparse: [] };
  const [dense, sparse] = await unlessMissing([], () =>
    call((client) => client.queryBatch(collectionName(space), { searches })),
  );
  return { dense: toHits(scope, dense?.points ?? []), sparse: toHits(scope, sparse?.points ?? []) };
}

/** The requests of a search, none for a scope that can see nothing. */
function searchesFor(scope: SearchScope, { dense, sparse, limit }: VectorQuery): Schemas['QueryRequest'][] {
  const filter = searchable(scope);
  if (scope.knowledgeBaseIds.length === 0 || scope.grants.length === 0) return [];
  const common = { filter, limit, with_payload: true, with_vector: false };
  const searches: Schemas['QueryRequest'][] = [{ ...common, using: 'dense', query: Array.from(dense) }];
  if (sparse.indices.length > 0) {
    const query = { indices: [...sparse.indices], values: [...sparse.values] };
    searches.push({ ...common, using: 'text', query });
  }
  return searches;
}

function toHits(scope: SearchScope, points: readonly Schemas['ScoredPoint'][]): Hit[] {
  return points.flatMap(({ id, score, payload }) =>
    isWithin(scope, payload) ? [{ id: String(id), score, passage: fromPayload(payload) }] : [],
  );
}

/** Asks which of some points a scope reaches. @throws AppError when it names no tenant. */
export async function findable(
  call: QdrantCall,
  space: SpaceName,
  scope: SearchScope,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const { must } = searchable(scope);
  if (ids.length === 0 || scope.knowledgeBaseIds.length === 0 || scope.grants.length === 0) return new Set();
  const filter = { must: [{ has_id: [...ids] }, ...must] };
  const request = { filter, limit: ids.length, with_payload: true, with_vector: false };
  const { points } = await unlessMissing({ points: [] }, () =>
    call((client) => client.scroll(collectionName(space), request)),
  );
  return new Set(points.flatMap(({ id, payload }) => (isWithin(scope, payload) ? [String(id)] : [])));
}
