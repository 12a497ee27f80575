import type { QdrantClient } from '@qdrant/js-client-rest';
import { isAppError } from '../../errors.ts';
import type { SpaceName, VectorSpace, VectorStore } from '../../knowledge/vector-store.ts';
import { lazily } from '../lazily.ts';
import { chunkCollections, collectionName, ensureCollection, unlessMissing } from './collection.ts';
import { chunksOf, scoreChunks } from './document-chunks.ts';
import { carrying, documentFields, type Filter, matching, notLaterThan } from './filters.ts';
import { insert } from './insert.ts';
import { createInventory } from './inventory.ts';
import { carriedFields } from './payload.ts';
import { QDRANT_LIMITS, type QdrantConfig, type QdrantLimits, qdrantCall } from './qdrant-client.ts';
import { findable, search } from './search.ts';
import { vectorsOf } from './vectors-of.ts';

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

  /** In every collection: a document may be in two while its knowledge base moves. */
  async function everywhere<T>(nothing: T, request: (client: QdrantClient, name: string) => Promise<T>): Promise<T[]> {
    const names = await chunkCollections(call);
    return Promise.all(names.map((name) => unlessMissing(nothing, () => call((client) => request(client, name)))));
  }

  async function remove(filter: Filter, kept: readonly string[] = []): Promise<void> {
    await everywhere(undefined, async (client, name) => {
      if (!kept.includes(name)) await client.delete(name, { filter, wait: true });
    });
  }

  async function countEverywhere(filter: Filter): Promise<number> {
    const counts = await everywhere({ count: 0 }, (client, name) => client.count(name, { filter, exact: true }));
    return counts.reduce((sum, { count: some }) => sum + some, 0);
  }

  async function count(space: SpaceName, filter: Filter): Promise<number> {
    const counted = await unlessMissing({ count: 0 }, () =>
      call((client) => client.count(collectionName(space), { filter, exact: true })),
    );
    return counted.count;
  }

  return {
    async upsert(space, tenantId, points) {
      matching({ tenant_id: tenantId });
      if (points.length === 0) return;
      await ensure(space);
      try {
        await insert(call, collectionName(space), tenantId, points);
      } catch (error) {
        // Somebody removed the collection: the next delivery makes it again.
        if (isAppError(error, 'not_found')) collections.clear();
        throw error;
      }
    },

    ...createInventory(call),
    async vectorsOf(space, tenantId, contentHashes) {
      matching({ tenant_id: tenantId });
      // Its index may be missing in a collection of before it was kept.
      await ensure(space);
      return vectorsOf(call, space, tenantId, contentHashes);
    },
    search: async (space, scope, query) => search(call, space, scope, query),
    findable: async (space, scope, ids) => findable(call, space, scope, ids),
    chunksOf: async (space, scope, range) => chunksOf(call, space, scope, range),
    scoreChunks: async (space, scope, range, query) => scoreChunks(call, space, scope, range, query),

    async makeLive(space, document, version, carried) {
      const { must } = matching(documentFields(document));
      const ofRevision = [...must, ...matching({ revision: carried.revision }).must];
      const current = { must: [...ofRevision, ...matching({ version }).must] };
      const lower = { must: [...ofRevision, { key: 'version', range: { lt: version } }] };
      const operations = [
        {
          set_payload: { payload: carriedFields(carried), filter: { must: [...must, notLaterThan(carried.revision)] } },
        },
        { set_payload: { payload: { live: true }, filter: current } },
        { delete: { filter: lower } },
      ];
      await unlessMissing(undefined, async () => {
        await call((client) => client.batchUpdate(collectionName(space), { operations, wait: true }));
      });
    },

    countVersion: (space, document, version) => count(space, matching({ ...documentFields(document), version })),

    removeVersion: async (document, version) => remove(matching({ ...documentFields(document), version })),
    removeDocument: async (document) => remove(matching(documentFields(document))),
    removeKnowledgeBase: async ({ tenantId, knowledgeBaseId }, kept = []) =>
      remove(
        matching({ tenant_id: tenantId, knowledge_base_id: knowledgeBaseId }),
        kept.map((space) => collectionName(space)),
      ),

    countDocument: async (document) => countEverywhere(matching(documentFields(document))),
    countUnaligned: async (document, carried) =>
      countEverywhere({ ...matching(documentFields(document)), must_not: [carrying(carried)] }),

    async updateDocument(document, carried) {
      const { must } = matching(documentFields(document));
      const filter = { must: [...must, notLaterThan(carried.revision)] };
      const payload = carriedFields(carried);
      await everywhere(undefined, async (client, name) => {
        await client.setPayload(name, { payload, filter, wait: true });
      });
    },
  };
}
