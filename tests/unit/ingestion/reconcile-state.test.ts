import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideRemovals } from '../../../shared/ingestion/reconcile/reconcile-state.ts';

describe('the removal of documents whose files are gone', () => {
  it('goes on by itself while they are few, or less than half', () => {
    expect(decideRemovals(20, 0, false)).toEqual({ removals: 'allowed', heldBack: 0 });
    expect(decideRemovals(1_000, 600, false)).toEqual({ removals: 'allowed', heldBack: 0 });
  });

  it('waits for a person when most would go', () => {
    expect(decideRemovals(21, 0, false)).toEqual({ removals: 'held-back', heldBack: 21 });
    expect(decideRemovals(1_000, 499, false)).toEqual({ removals: 'held-back', heldBack: 501 });
    expect(decideRemovals(1_000, 0, true)).toEqual({ removals: 'allowed', heldBack: 0 });
  });

  it('is not looked for when every document has its file', () => {
    expect(decideRemovals(5, 5, false)).toEqual({ removals: 'none', heldBack: 0 });
    expect(decideRemovals(5, 7, false)).toEqual({ removals: 'none', heldBack: 0 });
  });

  it('never takes more than half of many unasked', () => {
    const count = fc.integer({ min: 0, max: 5_000 });
    fc.assert(
      fc.property(count, count, (dropped, matched) => {
        const { removals } = decideRemovals(dropped, matched, false);
        const gone = dropped - matched;
        if (removals === 'allowed') expect(gone <= 20 || gone * 2 <= dropped).toBe(true);
        else expect(gone <= 0 || gone * 2 > dropped).toBe(true);
      }),
    );
  });
});
