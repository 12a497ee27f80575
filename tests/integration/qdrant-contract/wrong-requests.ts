import type { QdrantClient } from '@qdrant/js-client-rest';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ContractServer } from './contract-server.ts';

/** Refusals in Qdrant's words. */
export function wrongRequestsContract(server: () => ContractServer): void {
  describe('wrong requests', () => {
    let client: QdrantClient;
    let name: string;
    beforeAll(async () => {
      client = server().client;
      name = await server().library();
    });
    const points = (...list: unknown[]) => ({ points: list });

    it('name a missing collection', async () => {
      const path = '/collections/nowhere/points/count';
      expect(await server().refusal('POST', path, {})).toEqual({
        status: 404,
        error: "Not found: Collection `nowhere` doesn't exist!",
      });
      await expect(client.getCollection('nowhere')).rejects.toThrow(/Not Found/);
    });

    it('name a collection that is already there', async () => {
      const body = { vectors: { size: 4, distance: 'Dot' } };
      const { status, error } = await server().refusal('PUT', `/collections/${name}`, body);
      expect([status, error]).toEqual([409, `Wrong input: Collection \`${name}\` already exists!`]);
    });

    it.each<[string, string, string, unknown, number, RegExp]>([
      [
        'a vector of the wrong size',
        'PUT',
        '/points?wait=true',
        points({ id: 1, vector: { dense: [1, 2, 3] } }),
        400,
        /^Wrong input: Vector dimension error: expected dim: 4, got 3$/,
      ],
      [
        'an unknown vector',
        'PUT',
        '/points?wait=true',
        points({ id: 1, vector: { other: [1] } }),
        400,
        /^Wrong input: Not existing vector name error: other$/,
      ],
      ['a bad id', 'PUT', '/points?wait=true', points({ id: 'x', vector: {} }), 400, /not a valid point ID/],
      [
        'a negative id',
        'PUT',
        '/points?wait=true',
        points({ id: -1, vector: {} }),
        400,
        /not a valid point ID|Format error/,
      ],
      [
        'a repeated sparse index',
        'PUT',
        '/points?wait=true',
        points({ id: 1, vector: { bm25: { indices: [1, 1], values: [1, 2] } } }),
        422,
        /must be unique/,
      ],
      [
        'sparse arrays of two lengths',
        'PUT',
        '/points?wait=true',
        points({ id: 1, vector: { bm25: { indices: [1], values: [1, 2] } } }),
        422,
        /same length/,
      ],
      [
        'a payload for a missing point',
        'POST',
        '/points/payload?wait=true',
        { payload: { a: 1 }, points: [404] },
        404,
        /^Not found: No point with id 404 found$/,
      ],
      [
        'a query of the wrong size',
        'POST',
        '/points/query',
        { query: [1, 2], using: 'dense' },
        400,
        /Vector dimension error: expected dim: 4, got 2/,
      ],
      [
        'a query for an unknown vector',
        'POST',
        '/points/query',
        { query: [1, 2], using: 'other' },
        400,
        /Not existing vector name error: other/,
      ],
      [
        'a query by a missing point',
        'POST',
        '/points/query',
        { query: 404, using: 'dense' },
        404,
        /^Not found: No point with id 404 found$/,
      ],
      [
        'a limit of nothing',
        'POST',
        '/points/query',
        { query: [1, 0, 0, 0], using: 'dense', limit: 0 },
        422,
        /^Validation error in JSON body: \[.*limit: value 0 invalid, must be 1 or larger\]$/,
      ],
      [
        'a condition nobody knows',
        'POST',
        '/points/scroll',
        { filter: { must: [{ nothing: 1 }] } },
        400,
        /^Format error in JSON body/,
      ],
      [
        'a field without a condition',
        'POST',
        '/points/scroll',
        { filter: { must: [{ key: 'a' }] } },
        422,
        /At least one field condition must be specified/,
      ],
      ['a filter nobody knows', 'POST', '/points/scroll', { filter: { all: [] } }, 400, /^Format error in JSON body/],
      ['no JSON', 'POST', '/points/scroll', '{"limit":', 400, /^Format error in JSON body/],
    ])('have %s', async (_what, method, path, body, status, error) => {
      const refused = await server().refusal(method, `/collections/${name}${path}`, body);
      expect(refused).toEqual({ status, error: expect.stringMatching(error) });
    });

    it('change nothing', async () => {
      expect((await client.count(name)).count).toBe(4);
    });
  });
}
