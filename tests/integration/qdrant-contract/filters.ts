import type { QdrantClient } from '@qdrant/js-client-rest';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ContractServer, UUID } from './contract-server.ts';

/** Which points each condition lets through. */
export function filtersContract(server: () => ContractServer): void {
  describe('filters', () => {
    let client: QdrantClient;
    let name: string;
    beforeAll(async () => {
      client = server().client;
      name = await server().library();
    });
    const group = (level: number) => ({
      nested: {
        key: 'access',
        filter: {
          must: [
            { key: 'group', match: { value: 'staff' } },
            { key: 'level', range: { gte: level } },
          ],
        },
      },
    });

    it.each<[string, NonNullable<Parameters<QdrantClient['count']>[1]>['filter'], (number | string)[]]>([
      ['no conditions', {}, [1, 2, 3, UUID]],
      ['a keyword', { must: [{ key: 'tenant_id', match: { value: 'a' } }] }, [1, 2]],
      ['a boolean', { must: [{ key: 'live', match: { value: true } }] }, [1, 3, UUID]],
      ['an integer', { must: [{ key: 'page', match: { value: 2 } }] }, [2]],
      ['an element of an array', { must: [{ key: 'tags', match: { value: 'y' } }] }, [1]],
      ['any of several', { must: [{ key: 'tenant_id', match: { any: ['a', 'z'] } }] }, [1, 2]],
      ['none of several', { must: [{ key: 'tenant_id', match: { except: ['a'] } }] }, [3, UUID]],
      ['any of nothing', { must: [{ key: 'tenant_id', match: { any: [] } }] }, []],
      ['text as a substring', { must: [{ key: 'text', match: { text: 'lazy d' } }] }, [2]],
      ['a range', { must: [{ key: 'page', range: { gt: 1, lte: 4.5 } }] }, [2, 3, UUID]],
      ['a range of time', { must: [{ key: 'at', range: { gte: '2026-01-15T00:00:00Z' } }] }, [2]],
      ['empty or missing', { must: [{ is_empty: { key: 'tags' } }] }, [2, 3, UUID]],
      ['null', { must: [{ is_null: { key: 'owner' } }] }, [3]],
      ['an id', { must: [{ has_id: [3, UUID, 77] }] }, [3, UUID]],
      ['a path', { must: [{ key: 'meta.lang', match: { value: 'en' } }] }, [UUID]],
      ['a path through an array', { must: [{ key: 'access[].level', match: { value: 9 } }] }, [UUID]],
      ['a number of values', { must: [{ key: 'tags', values_count: { gte: 2 } }] }, [1]],
      ['one nested object', { must: [group(1)] }, [UUID]],
      ['no single nested object', { must: [group(5)] }, []],
      [
        'should',
        {
          should: [
            { key: 'page', match: { value: 1 } },
            { key: 'tenant_id', match: { value: 'b' } },
          ],
        },
        [1, 3, UUID],
      ],
      ['must_not', { must_not: [{ key: 'live', match: { value: true } }] }, [2]],
      [
        'at least two of three',
        {
          min_should: {
            min_count: 2,
            conditions: [
              { key: 'tenant_id', match: { value: 'a' } },
              { key: 'live', match: { value: true } },
              { key: 'page', range: { gte: 4 } },
            ],
          },
        },
        [1, UUID],
      ],
      [
        'a filter within a filter',
        {
          must: [
            { key: 'live', match: { value: true } },
            {
              should: [
                { key: 'page', match: { value: 3 } },
                { key: 'tags', match: { value: 'x' } },
              ],
            },
          ],
        },
        [1, 3],
      ],
    ])('let %s through', async (_what, filter, expected) => {
      const { points } = await client.scroll(name, { filter: filter ?? null });
      expect(points.map(({ id }) => id)).toEqual(expected);
      expect((await client.count(name, { filter: filter ?? null, exact: true })).count).toBe(expected.length);
    });

    it('match all words in any order once there is a text index', async () => {
      const own = await server().library();
      await client.createPayloadIndex(own, { field_name: 'text', field_schema: 'text', wait: true });
      const { points } = await client.scroll(own, {
        filter: { must: [{ key: 'text', match: { text: 'fox quick' } }] },
      });
      expect(points.map(({ id }) => id)).toEqual([1]);
    });
  });
}
