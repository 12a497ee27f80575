import type { QdrantClient } from '@qdrant/js-client-rest';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ContractServer, UUID } from './contract-server.ts';

/** What happens to points and their payloads. */
export function pointsContract(server: () => ContractServer): void {
  describe('points', () => {
    let client: QdrantClient;
    beforeAll(() => {
      client = server().client;
    });
    let name: string;
    beforeEach(async () => {
      name = await server().library();
    });

    it('come back with the payload and vectors that were asked for', async () => {
      const [full] = await client.retrieve(name, { ids: [1], with_payload: true, with_vector: true });
      expect(full?.payload).toMatchObject({ tenant_id: 'a', tags: ['x', 'y'] });
      expect(full?.vector).toEqual({ dense: [1, 0, 0, 0], bm25: { indices: [3, 7], values: [2, 1] } });
      const [some] = await client.retrieve(name, {
        ids: [UUID.toUpperCase()],
        with_payload: ['page', 'meta.lang'],
        with_vector: ['dense'],
      });
      expect(some).toMatchObject({
        id: UUID,
        payload: { page: 4.5, meta: { lang: 'en' } },
        vector: { dense: [0, 0, 1, 0] },
      });
      const [rest] = await client.retrieve(name, { ids: [3, 99], with_payload: { exclude: ['live', 'page'] } });
      expect(rest).toEqual({ id: 3, payload: { tenant_id: 'b', owner: null } });
    });

    it('are counted by the values of an indexed field', async () => {
      await client.createPayloadIndex(name, { field_name: 'tenant_id', field_schema: 'keyword', wait: true });
      const all = await client.facet(name, { key: 'tenant_id', exact: true });
      const counts = new Map<string, number>();
      const { points } = await client.scroll(name, { with_payload: ['tenant_id'] });
      for (const { payload } of points) {
        const tenant = payload?.tenant_id;
        if (typeof tenant === 'string') counts.set(tenant, (counts.get(tenant) ?? 0) + 1);
      }
      expect(new Map(all.hits.map(({ value, count }) => [value, count]))).toEqual(counts);
      const filter = { must: [{ key: 'tenant_id', match: { any: ['b'] } }] };
      const some = await client.facet(name, { key: 'tenant_id', filter, limit: 1, exact: true });
      expect(some.hits).toEqual([{ value: 'b', count: counts.get('b') }]);
      await expect(client.facet(name, { key: 'page' })).rejects.toMatchObject({ status: 400 });
    });

    it('normalise cosine vectors and print them as 32-bit floats', async () => {
      const [point] = await client.retrieve(name, { ids: [2], with_vector: ['dense'] });
      expect(point?.vector).toEqual({ dense: [0.6, 0.8, 0, 0] });
    });

    it('are replaced whole by an upsert, in rows or in columns', async () => {
      await client.upsert(name, {
        wait: true,
        batch: {
          ids: [1, 10],
          vectors: {
            dense: [
              [0, 0, 0, 1],
              [0, 1, 0, 0],
            ],
          },
          payloads: [{ fresh: 1 }, null],
        },
      });
      const points = await client.retrieve(name, { ids: [1, 10], with_vector: true });
      expect(points.find(({ id }) => id === 1)).toMatchObject({
        payload: { fresh: 1 },
        vector: { dense: [0, 0, 0, 1] },
      });
      expect(points.find(({ id }) => id === 1)?.vector).not.toHaveProperty('bm25');
      expect((await client.count(name)).count).toBe(5);
    });

    it('keep what an update filter protects', async () => {
      const vector = { dense: [0, 0, 0, 1] };
      await client.upsert(name, {
        wait: true,
        points: [
          { id: 1, vector, payload: { page: 100 } },
          { id: 2, vector, payload: { page: 100 } },
          { id: 11, vector, payload: { page: 100 } },
        ],
        update_filter: { must: [{ key: 'live', match: { value: false } }] },
      });
      const points = await client.retrieve(name, { ids: [1, 2, 11], with_payload: ['page'] });
      expect(Object.fromEntries(points.map(({ id, payload }) => [id, payload?.page]))).toEqual({
        1: 1,
        2: 100,
        11: 100,
      });
    });

    it('merge, overwrite, delete and clear payloads', async () => {
      await client.setPayload(name, { wait: true, payload: { live: false, owner: 'eve' }, points: [1, 3] });
      await client.setPayload(name, { wait: true, key: 'meta', payload: { pages: 2 }, points: [UUID] });
      const tenant = { must: [{ key: 'tenant_id', match: { value: 'b' } }] };
      await client.setPayload(name, { wait: true, payload: { seen: true }, filter: tenant });
      await client.overwritePayload(name, { wait: true, payload: { only: 1 }, points: [2] });
      await client.deletePayload(name, { wait: true, keys: ['tags', 'text'], points: [1] });
      const shown = await client.retrieve(name, { ids: [1, 2, 3, UUID] });
      const payloads = Object.fromEntries(shown.map(({ id, payload }) => [id, payload]));
      expect(payloads[1]).toEqual({ tenant_id: 'a', live: false, page: 1, owner: 'eve', at: '2026-01-01T00:00:00Z' });
      expect(payloads[2]).toEqual({ only: 1 });
      expect(payloads[3]).toMatchObject({ live: false, owner: 'eve', seen: true });
      expect(payloads[UUID]).toMatchObject({ meta: { lang: 'en', pages: 2 }, seen: true });
      await client.clearPayload(name, { wait: true, points: [1] });
      expect((await client.retrieve(name, { ids: [1] }))[0]?.payload).toEqual({});
    });

    it('are found under their new tenant and no longer under the old one', async () => {
      const of = (tenant: string) => ({
        filter: { must: [{ key: 'tenant_id', match: { value: tenant } }] },
        exact: true,
      });
      await client.setPayload(name, { wait: true, payload: { tenant_id: 'c' }, points: [1] });
      expect((await client.count(name, of('c'))).count).toBe(1);
      expect((await client.count(name, of('a'))).count).toBe(1);
    });

    it('are deleted by id and by filter, and a missing id is no error', async () => {
      await client.delete(name, { wait: true, points: [1, 12345] });
      await client.delete(name, { wait: true, filter: { must: [{ key: 'tenant_id', match: { value: 'b' } }] } });
      const { points } = await client.scroll(name);
      expect(points.map(({ id }) => id)).toEqual([2]);
    });

    it('change in the order of a batch', async () => {
      const results = await client.batchUpdate(name, {
        wait: true,
        operations: [
          { upsert: { points: [{ id: 20, vector: { dense: [0, 0, 1, 1] }, payload: { live: false, old: 1 } }] } },
          { set_payload: { payload: { live: true }, points: [20] } },
          { delete_payload: { keys: ['old'], points: [20] } },
          { update_vectors: { points: [{ id: 20, vector: { bm25: { indices: [1], values: [1] } } }] } },
          { delete_vectors: { points: [1], vector: ['bm25'] } },
          { delete: { points: [2] } },
        ],
      });
      expect(results.map(({ status }) => status)).toEqual(Array(6).fill('completed'));
      const [point] = await client.retrieve(name, { ids: [20], with_vector: true });
      expect(point).toMatchObject({ payload: { live: true }, vector: { bm25: { indices: [1], values: [1] } } });
      const left = await client.scroll(name, { filter: { must: [{ has_vector: 'bm25' }] } });
      expect(left.points.map(({ id }) => id)).toEqual([20, UUID]);
    });

    it('are scrolled page by page in the order of their ids', async () => {
      const first = await client.scroll(name, { limit: 2 });
      expect(first.points.map(({ id }) => id)).toEqual([1, 2]);
      expect(first.next_page_offset).toBe(3);
      const second = await client.scroll(name, { limit: 2, offset: 3 });
      expect(second.points.map(({ id }) => id)).toEqual([3, UUID]);
      expect(second.next_page_offset).toBeNull();
    });
  });
}
