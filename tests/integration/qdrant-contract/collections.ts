import { randomUUID } from 'node:crypto';
import type { QdrantClient } from '@qdrant/js-client-rest';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ContractServer } from './contract-server.ts';

/** Collections, aliases and payload indexes. */
export function collectionsContract(server: () => ContractServer): void {
  describe('collections', () => {
    let client: QdrantClient;
    beforeAll(() => {
      client = server().client;
    });
    it('are created, described, listed and deleted', async () => {
      const name = await server().library();
      expect(await client.collectionExists(name)).toEqual({ exists: true });
      const info = await client.getCollection(name);
      expect(info).toMatchObject({ status: expect.any(String), points_count: 4 });
      expect(info.config.params.vectors).toMatchObject({ dense: { size: 4, distance: 'Cosine' } });
      expect(info.config.params.sparse_vectors).toMatchObject({ bm25: { modifier: 'idf' } });
      expect(info.payload_schema.tenant_id).toMatchObject({ data_type: 'keyword', points: 4 });
      expect((await client.getCollections()).collections).toContainEqual({ name });
      expect(await client.deleteCollection(name)).toBe(true);
      expect(await client.collectionExists(name)).toEqual({ exists: false });
    });

    it('answer under an alias, which can be switched in one step', async () => {
      const [before, after] = [await server().library(), server().newName()];
      const alias = `alias-${randomUUID()}`;
      await client.createCollection(after, { vectors: { size: 2, distance: 'Dot' } });
      await client.updateCollectionAliases({
        actions: [{ create_alias: { alias_name: alias, collection_name: before } }],
      });
      expect((await client.count(alias)).count).toBe(4);
      await client.updateCollectionAliases({
        actions: [
          { delete_alias: { alias_name: alias } },
          { create_alias: { alias_name: alias, collection_name: after } },
        ],
      });
      expect((await client.count(alias)).count).toBe(0);
      expect((await client.getCollectionAliases(after)).aliases).toEqual([
        { alias_name: alias, collection_name: after },
      ]);
      expect((await client.getAliases()).aliases).toContainEqual({ alias_name: alias, collection_name: after });
    });

    it('accept every type of payload index and drop one', async () => {
      const name = await server().library();
      for (const type of ['keyword', 'integer', 'float', 'geo', 'text', 'bool', 'datetime', 'uuid'] as const) {
        const result = await client.createPayloadIndex(name, {
          field_name: `of_${type}`,
          field_schema: type,
          wait: true,
        });
        expect(result.status).toBe('completed');
      }
      await client.deletePayloadIndex(name, 'of_geo', { wait: true });
      const fields = Object.keys((await client.getCollection(name)).payload_schema);
      expect(fields).toContain('of_uuid');
      expect(fields).not.toContain('of_geo');
    });
  });
}
