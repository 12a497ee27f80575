import type { Schemas } from '@qdrant/js-client-rest';
import type { CacheKey } from '../../cache/cache-key.ts';
import type { CacheEntry, CacheQuery, CacheStore } from '../../cache/cache-store.ts';
import { isAppError } from '../../errors.ts';
import type { VectorSpace } from '../../knowledge/vector-store.ts';
import { lazily } from '../lazily.ts';
import { type CollectionKind, collectionName, ensureCollection, unlessMissing } from './collection.ts';
import { type Filter, matching } from './filters.ts';
import { QDRANT_LIMITS, type QdrantConfig, type QdrantLimits, qdrantCall } from './qdrant-client.ts';

const CACHED_ANSWERS: CollectionKind = {
  prefix: 'semantic-cache',
  indexes: {
    tenant_id: { type: 'keyword', is_tenant: true },
    access: 'keyword',
    knowledge: 'keyword',
    model: 'keyword',
    prompt: 'keyword',
    asked_by: 'keyword',
    document_ids: 'keyword',
    expires_at: 'integer',
  },
  hasText: false,
};

/** Somebody waits for the answer: what does not come at once is asked of the model. */
const HURRIED_LIMITS: QdrantLimits = { requestTimeout: 2_000, tries: 1, retryDeadline: 0, firstDelay: 0 };

/** Cached answers in Qdrant: one collection for each embedding model, created with its first write. */
export function createQdrantCacheStore(config: QdrantConfig): CacheStore {
  const hurried = qdrantCall(config, HURRIED_LIMITS);
  const patient = qdrantCall(config, QDRANT_LIMITS);
  const collections = new Map<string, () => Promise<void>>();

  function ensure(space: VectorSpace): Promise<void> {
    const ensured = collections.get(space.model) ?? lazily(() => ensureCollection(hurried, space, CACHED_ANSWERS));
    collections.set(space.model, ensured);
    return ensured();
  }

  const remove = (space: VectorSpace, filter: Filter) =>
    unlessMissing(undefined, async () => {
      await patient((client) => client.delete(nameOf(space), { filter, wait: true }));
    });

  return {
    async nearest(space, key, query) {
      const request = queryOf(key, query);
      const { points } = await unlessMissing({ points: [] }, () =>
        hurried((client) => client.query(nameOf(space), request)),
      );
      return points.flatMap(({ payload }) => (isOf(key, query.now, payload) ? [payload?.answer] : []));
    },
    async put(space, key, entry) {
      const point = toPoint(key, entry);
      await ensure(space);
      try {
        await hurried((client) => client.upsert(nameOf(space), { points: [point], wait: true }));
      } catch (error) {
        // Somebody removed the collection: the next answer makes it again.
        if (isAppError(error, 'not_found')) collections.clear();
        throw error;
      }
    },
    async removeAskedBy(space, { tenantId, userId }) {
      const filter = matching({ tenant_id: tenantId, asked_by: userId });
      const { count } = await unlessMissing({ count: 0 }, () =>
        patient((client) => client.count(nameOf(space), { filter, exact: true })),
      );
      if (count > 0) await remove(space, filter);
      return count;
    },
    removeOfDocument: async (space, { tenantId, documentId }) =>
      remove(space, matching({ tenant_id: tenantId, document_ids: documentId })),
    removeExpired: async (space, now) => remove(space, { must: [{ key: 'expires_at', range: { lte: now } }] }),
  };
}

const nameOf = (space: VectorSpace) => collectionName(space, CACHED_ANSWERS);

const fieldsOf = ({ tenantId, access, knowledge, model, prompt }: CacheKey) => ({
  tenant_id: tenantId,
  access,
  knowledge,
  model,
  prompt,
});

function queryOf(key: CacheKey, { vector, similarity, limit, now }: CacheQuery): Schemas['QueryRequest'] {
  const { must } = matching(fieldsOf(key));
  return {
    query: Array.from(vector),
    using: 'dense',
    filter: { must: [...must, { key: 'expires_at', range: { gt: now } }] },
    score_threshold: similarity,
    limit,
    with_payload: true,
    with_vector: false,
  };
}

function toPoint(key: CacheKey, entry: CacheEntry): Schemas['PointStruct'] {
  const { id, vector, askedBy, documentIds, expiresAt, answer } = entry;
  const facts = { asked_by: askedBy, document_ids: [...documentIds], expires_at: expiresAt, answer };
  return { id, vector: { dense: Array.from(vector) }, payload: { ...matchedFields(key), ...facts } };
}

/** @throws AppError when a field is missing, so that no answer is kept that belongs to nobody. */
function matchedFields(key: CacheKey) {
  const fields = fieldsOf(key);
  matching(fields);
  return fields;
}

/** Checks a hit once more, so that a wrong filter or index cannot give an answer to somebody else. */
function isOf(key: CacheKey, now: number, payload: Schemas['ScoredPoint']['payload']): boolean {
  const isSame = Object.entries(fieldsOf(key)).every(([field, value]) => payload?.[field] === value);
  return isSame && Number(payload?.expires_at) > now;
}
