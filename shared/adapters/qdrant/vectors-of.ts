import type { Schemas } from '@qdrant/js-client-rest';
import type { TenantId } from '../../contracts/identifiers.ts';
import type { VectorSpace } from '../../knowledge/vector-store.ts';
import { collectionName, unlessMissing } from './collection.ts';
import { matching } from './filters.ts';
import type { QdrantCall } from './qdrant-client.ts';

/**
 * Asks for one chunk of a tenant for each content hash, all in one request; many chunks may have the same.
 * @throws AppError when it names no tenant.
 */
export async function vectorsOf(
  call: QdrantCall,
  space: VectorSpace,
  tenantId: TenantId,
  contentHashes: readonly string[],
): Promise<ReadonlyMap<string, readonly number[]>> {
  const searches = contentHashes.map((hash) => ({
    filter: matching({ tenant_id: tenantId, content_hash: hash }),
    limit: 1,
    with_payload: ['tenant_id', 'content_hash'],
    with_vector: ['dense'],
  }));
  if (searches.length === 0) return new Map();
  const answers = await unlessMissing([], () =>
    call((client) => client.queryBatch(collectionName(space), { searches })),
  );
  const found = answers.flatMap(({ points }) => points.map((point) => knownVector(point, tenantId, space)));
  return new Map(found.filter((known) => known !== null));
}

/** Checks a hit once more, so that a wrong filter or index cannot give a tenant what belongs to another. */
function knownVector(
  { payload, vector }: Schemas['ScoredPoint'],
  tenantId: TenantId,
  { dimensions }: VectorSpace,
): [string, readonly number[]] | null {
  const dense = (vector as { dense?: unknown } | null | undefined)?.dense;
  const isUsable = Array.isArray(dense) && dense.length === dimensions;
  if (payload?.tenant_id !== tenantId || typeof payload.content_hash !== 'string' || !isUsable) return null;
  return [payload.content_hash, dense as number[]];
}
