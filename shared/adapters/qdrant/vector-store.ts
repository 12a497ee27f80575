import type { Schemas } from '@qdrant/js-client-rest';
import { isAppError } from '../../errors.ts';
import type { DocumentKey } from '../../knowledge/document-repository.ts';
import type { ChunkPoint, VectorSpace, VectorStore } from '../../knowledge/vector-store.ts';
import { lazily } from '../lazily.ts';
import { collectionName, ensureCollection, unlessMissing } from './collection.ts';
import { type Filter, matching } from './filters.ts';
import { toPayload } from './payload.ts';
import { QDRANT_LIMITS, type QdrantCall, type QdrantConfig, type QdrantLimits, qdrantCall } from './qdrant-client.ts';
import { findable, search } from './search.ts';

const MAX_POINTS_PER_REQUEST = 128;

/** Chunks in Qdrant, 1.16 or later: one collection for each embedding model, created with its first write. */
export function createQdrantVectorStore(config: QdrantConfig, limits: QdrantLimits = QDRANT_LIMITS): VectorStore {
  const call = qdrantCall(config, limits);
  const collections = new Map<string, () => Promise<void>>();

  function ensure(space: VectorSpace): Promise<void> {
    const key = `${collectionName(space)} ${space.dimensions}`;
    const ensured = collections.get(key) ?? lazily(() => ensureCollection(call, space));
    collections.set(key, ensured);
    return ensured();
  }

  const remove = (space: VectorSpace, filter: Filter) =>
    unlessMissing(undefined, async () => {
      await call((client) => client.delete(collectionName(space), { filter, wait: true }));
    });

  return {
    async upsert(space, tenantId, points) {
      matching({ tenant_id: tenantId });
      if (points.length === 0) return;
      await ensure(space);
      try {
        await insert(
          call,
          collectionName(space),
          points.map((point) => toPoint(tenantId, point)),
        );
      } catch (error) {
        // Somebody removed the collection: the next delivery makes it again.
        if (isAppError(error, 'not_found')) collections.clear();
        throw error;
      }
    },

    search: async (space, scope, query) => search(call, space, scope, query),
    findable: async (space, scope, ids) => findable(call, space, scope, ids),

    async makeLive(space, document, version) {
      const filter = matching({ ...documentFields(document), version });
      const { must } = matching(documentFields(document));
      const lower = { must: [...must, { key: 'version', range: { lt: version } }] };
      const operations = [{ set_payload: { payload: { live: true }, filter } }, { delete: { filter: lower } }];
      await unlessMissing(undefined, async () => {
        await call((client) => client.batchUpdate(collectionName(space), { operations, wait: true }));
      });
    },

    removeVersion: async (space, document, version) =>
      remove(space, matching({ ...documentFields(document), version })),
    removeDocument: async (space, document) => remove(space, matching(documentFields(document))),
    removeKnowledgeBase: async (space, { tenantId, knowledgeBaseId }) =>
      remove(space, matching({ tenant_id: tenantId, knowledge_base_id: knowledgeBaseId })),

    async countDocument(space, document) {
      const filter = matching(documentFields(document));
      const counted = await unlessMissing({ count: 0 }, () =>
        call((client) => client.count(collectionName(space), { filter, exact: true })),
      );
      return counted.count;
    },

    async updateDocument(space, document, change) {
      const filter = matching(documentFields(document));
      const payload = {
        ...(change.grants && { grants: change.grants }),
        ...(change.documentName !== undefined && { document_name: change.documentName }),
        ...(change.tags && { tags: change.tags }),
        ...(change.modifiedAt !== undefined && { modified_at: change.modifiedAt }),
      };
      if (Object.keys(payload).length === 0) return;
      await unlessMissing(undefined, async () => {
        await call((client) => client.setPayload(collectionName(space), { payload, filter, wait: true }));
      });
    },
  };
}

async function insert(call: QdrantCall, name: string, points: readonly Schemas['PointStruct'][]): Promise<void> {
  // A message that is delivered again after the switch must not hide what is live by now.
  const update_filter = { must: [{ key: 'live', match: { value: false } }] };
  for (let start = 0; start < points.length; start += MAX_POINTS_PER_REQUEST) {
    const batch = { points: points.slice(start, start + MAX_POINTS_PER_REQUEST), update_filter, wait: true };
    await call((client) => client.upsert(name, batch));
  }
}

const documentFields = ({ tenantId, knowledgeBaseId, documentId }: DocumentKey) => ({
  tenant_id: tenantId,
  knowledge_base_id: knowledgeBaseId,
  document_id: documentId,
});

function toPoint(tenantId: string, { id, dense, sparse, passage }: ChunkPoint): Schemas['PointStruct'] {
  const text = sparse.indices.length > 0 && { indices: [...sparse.indices], values: [...sparse.values] };
  return { id, vector: { dense: Array.from(dense), ...(text && { text }) }, payload: toPayload(tenantId, passage) };
}
