import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Candidate } from '../../../shared/models/deployment-pool.ts';
import { pickDeployment } from '../../../shared/models/pick-deployment.ts';
import { candidate } from './candidates.ts';

const regionOf = (picked: Candidate | null) => picked?.target.endpoint.region;

/** What is picked when the draw falls evenly over all numbers. */
function shares(candidates: readonly Candidate[], draws = 1_000): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let draw = 0; draw < draws; draw += 1) {
    const picked = pickDeployment(candidates, { affinity: undefined, tokens: 0, random: () => draw / draws });
    const region = regionOf(picked) ?? 'none';
    counts[region] = (counts[region] ?? 0) + 1;
  }
  return counts;
}

describe('without affinity', () => {
  it('shares by weight', () => {
    const candidates = [candidate('a', { weight: 3 }), candidate('b', { weight: 1 }), candidate('c', { weight: 6 })];
    expect(shares(candidates)).toEqual({ a: 300, b: 100, c: 600 });
  });

  it('prefers the lowest priority number, whatever the weights', () => {
    const candidates = [candidate('a', { priority: 2, weight: 1_000 }), candidate('b', { priority: 1 })];
    expect(shares(candidates, 10)).toEqual({ b: 10 });
  });

  it('takes the least busy among equals', () => {
    const candidates = [candidate('a', { busy: 2 }), candidate('b', { busy: 1 }), candidate('c', { busy: 3 })];
    expect(shares(candidates)).toEqual({ b: 1_000 });
  });

  it('lets a heavier one be busier', () => {
    expect(shares([candidate('a', { weight: 10, busy: 3 }), candidate('b', { weight: 1, busy: 1 })])).toEqual({
      a: 1_000,
    });
  });

  it('passes over one that has no room in its minute, also for a lower priority', () => {
    const full = candidate('a', { requestsPerMinute: 1 });
    full.state.begin(0);
    expect(shares([full, candidate('b', { priority: 2 })], 10)).toEqual({ b: 10 });
    expect(shares([full], 10)).toEqual({ a: 10 });
    const small = candidate('c', { tokensPerMinute: 100 });
    const picked = pickDeployment([small, candidate('d')], { affinity: undefined, tokens: 101, random: () => 0 });
    expect(regionOf(picked)).toBe('d');
  });

  it('finds nothing among nothing', () => {
    expect(pickDeployment([], { affinity: undefined, tokens: 0, random: () => 0 })).toBeNull();
  });
});

describe('with affinity', () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 2, maxLength: 8 });
  const pick = (candidates: readonly Candidate[], affinity: string) =>
    regionOf(pickDeployment(candidates, { affinity, tokens: 0, random: Math.random }));

  it('goes the same way again and again, in whatever order they are listed', () => {
    fc.assert(
      fc.property(names, fc.string(), (regions, affinity) => {
        const candidates = regions.map((region) => candidate(region));
        expect(pick(candidates.toReversed(), affinity)).toBe(pick(candidates, affinity));
      }),
    );
  });

  it('moves nothing but what a deployment had when that goes', () => {
    fc.assert(
      fc.property(names, fc.string(), fc.nat(), (regions, affinity, gone) => {
        const candidates = regions.map((region) => candidate(region));
        const before = pick(candidates, affinity);
        const left = candidates.toSpliced(gone % candidates.length, 1);
        if (left.some(({ target }) => target.endpoint.region === before)) expect(pick(left, affinity)).toBe(before);
      }),
    );
  });

  it('shares sessions by weight', () => {
    const candidates = [candidate('a', { weight: 3 }), candidate('b', { weight: 1 })];
    const picked = Array.from({ length: 4_000 }, (_, session) => pick(candidates, `session ${session}`));
    const share = picked.filter((region) => region === 'a').length / picked.length;
    expect(share).toBeGreaterThan(0.72);
    expect(share).toBeLessThan(0.78);
  });

  it('leaves the warm one when it is much busier than another', () => {
    const idle = [candidate('a'), candidate('b')];
    const warm = pick(idle, 'session') ?? '';
    const busy = ['a', 'b'].map((region) => candidate(region, { busy: region === warm ? 8 : 0 }));
    expect(pick(busy, 'session')).not.toBe(warm);
    const alike = ['a', 'b'].map((region) => candidate(region, { busy: 8 }));
    expect(pick(alike, 'session')).toBe(warm);
  });
});
