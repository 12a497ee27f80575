import type { QdrantClient } from '@qdrant/js-client-rest';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ContractServer } from './contract-server.ts';

/** Ranking, exact and in order. */
export function queriesContract(server: () => ContractServer): void {
  describe('queries', () => {
    let client: QdrantClient;
    let name: string;
    beforeAll(async () => {
      client = server().client;
      name = await server().library();
    });
    const ids = ({ points }: { points: { id: number | string | bigint }[] }) => points.map(({ id }) => id);

    it('rank by cosine similarity', async () => {
      const found = await client.query(name, { query: [2, 0, 0, 0], using: 'dense', limit: 2, with_payload: ['page'] });
      expect(found.points).toMatchObject([
        { id: 1, score: expect.closeTo(1, 5), payload: { page: 1 }, version: expect.any(Number) },
        { id: 2, score: expect.closeTo(0.6, 5) },
      ]);
      expect(found.points[0]).not.toHaveProperty('vector');
    });

    it('rank sparse vectors by idf over all points that have one', async () => {
      const found = await client.query(name, { query: { indices: [3, 7], values: [1, 1] }, using: 'bm25', limit: 10 });
      const idf = (frequency: number) => Math.log((3 - frequency + 0.5) / (frequency + 0.5) + 1);
      expect(ids(found)).toEqual([1, 2]);
      expect(found.points[0]?.score).toBeCloseTo(2 * idf(2) + idf(1), 4);
      expect(found.points[1]?.score).toBeCloseTo(idf(2), 4);
    });

    it('keep to a filter, whose idf stays that of the whole collection', async () => {
      const query = { indices: [3], values: [1] };
      const filter = { must: [{ key: 'live', match: { value: false } }] };
      const all = await client.query(name, { query, using: 'bm25' });
      const some = await client.query(name, { query, using: 'bm25', filter });
      expect(ids(some)).toEqual([2]);
      expect(some.points[0]?.score).toBe(all.points[1]?.score);
    });

    it('leave out what scores below the threshold and skip an offset', async () => {
      const query = { query: [1, 0, 0, 0], using: 'dense' };
      expect(ids(await client.query(name, { ...query, score_threshold: 0.5 }))).toEqual([1, 2]);
      expect(ids(await client.query(name, { ...query, score_threshold: 0.5, offset: 1 }))).toEqual([2]);
    });

    it('find the neighbours of a stored point without the point itself', async () => {
      const found = await client.query(name, { query: 1, using: 'dense', limit: 1 });
      expect(ids(found)).toEqual([2]);
    });

    it('answer a batch in its order', async () => {
      const filter = { must: [{ key: 'tenant_id', match: { value: 'a' } }] };
      const results = await client.queryBatch(name, {
        searches: [
          { query: [0, 1, 0, 0], using: 'dense', filter, limit: 1, params: { exact: true } },
          { query: { indices: [7], values: [1] }, using: 'bm25', filter, limit: 1, with_payload: true },
        ],
      });
      expect(results.map(ids)).toEqual([[2], [1]]);
      expect(results[1]?.points[0]?.payload).toMatchObject({ tenant_id: 'a' });
    });

    it('fuse prefetched rankings by reciprocal rank', async () => {
      const found = await client.query(name, {
        prefetch: [
          { query: [1, 0, 0, 0], using: 'dense', limit: 2 },
          { query: { indices: [3], values: [1] }, using: 'bm25', limit: 2, filter: { must_not: [{ has_id: [1] }] } },
        ],
        query: { fusion: 'rrf' },
      });
      expect(ids(found)).toEqual([2, 1]);
      expect(found.points[0]?.score).toBeCloseTo(1 / 3 + 1 / 2, 5);
    });

    it.each([
      ['Dot', [2, 1], [10, 1]],
      ['Euclid', [1, 2], [2, 7]],
    ] as const)('rank by %s', async (distance, order, scores) => {
      const own = server().newName();
      await client.createCollection(own, { vectors: { size: 2, distance } });
      await client.upsert(own, {
        wait: true,
        points: [
          { id: 1, vector: [1, 0] },
          { id: 2, vector: [10, 0] },
        ],
      });
      const query = distance === 'Dot' ? [1, 0] : [3, 0];
      const found = await client.query(own, { query, with_vector: true });
      expect(ids(found)).toEqual(order);
      expect(found.points.map(({ score }) => score)).toEqual(scores);
      expect(found.points[0]?.vector).toEqual(order[0] === 1 ? [1, 0] : [10, 0]);
    });
  });
}
