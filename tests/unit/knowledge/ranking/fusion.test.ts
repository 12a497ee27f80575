import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { denseWeightOf, fuse } from '../../../../shared/knowledge/ranking/fusion.ts';

const scores = fc
  .dictionary(
    fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'), minLength: 1, maxLength: 2 }),
    fc.double({ min: 0, max: 100, noNaN: true }),
  )
  .map((record) => new Map(Object.entries(record)));
const weight = fc.double({ min: 0, max: 1, noNaN: true });

/** Ids by score, best first. */
const ranked = (list: ReadonlyMap<string, number>) =>
  [...list].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([id]) => id);

describe('fusing dense and sparse results', () => {
  it('keeps every result once, best first, with a score from 0 to 1', () => {
    fc.assert(
      fc.property(scores, scores, weight, (dense, sparse, denseWeight) => {
        const fused = fuse(dense, sparse, denseWeight);
        expect(fused.map(({ id }) => id).sort()).toEqual([...new Set([...dense.keys(), ...sparse.keys()])].sort());
        const values = fused.map(({ score }) => score);
        expect(values.every((value) => value >= 0 && value <= 1)).toBe(true);
        expect(values).toEqual([...values].sort((a, b) => b - a));
      }),
    );
  });

  it('gives the pure ranking of one list when the other has no weight', () => {
    fc.assert(
      fc.property(scores, scores, (dense, sparse) => {
        const order = (denseWeight: number, list: ReadonlyMap<string, number>) => {
          const score = new Map(fuse(dense, sparse, denseWeight).map((one) => [one.id, one.score]));
          const scale = ranked(list).map((id) => score.get(id) ?? Number.NaN);
          expect(scale).toEqual([...scale].sort((a, b) => b - a));
        };
        order(1, dense);
        order(0, sparse);
      }),
    );
  });

  it('does not depend on the order in which results come, also when they tie', () => {
    fc.assert(
      fc.property(scores, scores, weight, (dense, sparse, denseWeight) => {
        const reversed = (list: ReadonlyMap<string, number>) => new Map([...list].reverse());
        expect(fuse(reversed(dense), reversed(sparse), denseWeight)).toEqual(fuse(dense, sparse, denseWeight));
      }),
    );
    const tied = new Map([
      ['b', 1],
      ['a', 1],
    ]);
    expect(fuse(tied, new Map(), 0.5).map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('does not depend on the scale of a list', () => {
    const dense = new Map([
      ['a', 0.9],
      ['b', 0.5],
      ['c', 0.1],
    ]);
    const sparse = new Map([
      ['c', 12],
      ['b', 8],
      ['a', 4],
    ]);
    const scaled = new Map([...sparse].map(([id, score]) => [id, score * 100 + 7]));
    expect(fuse(dense, scaled, 0.6)).toEqual(fuse(dense, sparse, 0.6));
    expect(fuse(dense, sparse, 0.6).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(fuse(dense, sparse, 0.4).map(({ id }) => id)).toEqual(['c', 'b', 'a']);
  });

  it('finds nothing in nothing', () => {
    expect(fuse(new Map(), new Map(), 0.5)).toEqual([]);
  });
});

describe('the weight of the dense part', () => {
  it('is that of the catalog, else what was measured, else that of strong models', () => {
    expect(denseWeightOf('local-embedding', 0.45)).toBe(0.45);
    expect(denseWeightOf('local-embedding', 0)).toBe(0);
    expect(denseWeightOf('local-embedding')).toBe(0.15);
    expect(denseWeightOf('text-embedding-3-large')).toBe(0.6);
  });
});
