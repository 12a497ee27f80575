import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Batches, countBatchesDone, isBatchDone, withBatchDone } from '../../../shared/knowledge/batches.ts';

const cases = fc.integer({ min: 1, max: 40 }).chain((total) => {
  const some = fc.array(fc.nat(total - 1));
  return fc.record({ total: fc.constant(total), before: some, now: some });
});
const all = (total: number) => Array.from({ length: total }, (_, batch) => batch);

it('batches that are done are those that were marked, in whatever order and however often, or were listed before', () => {
  fc.assert(
    fc.property(cases, ({ total, before, now }) => {
      const batches = now.reduce<Batches>(withBatchDone, { total, done: [...new Set(before)] });
      const wanted = new Set([...before, ...now]);
      expect(all(total).filter((batch) => isBatchDone(batches, batch))).toEqual([...wanted].sort((a, b) => a - b));
      expect(countBatchesDone(batches)).toBe(wanted.size);
      expect(isBatchDone(batches, total)).toBe(false);
    }),
  );
});

it('batches by the thousand take little room', () => {
  const batches = all(5_000).reduce<Batches>(withBatchDone, { total: 5_000 });
  expect(JSON.stringify(batches).length).toBeLessThan(1_000);
  expect(countBatchesDone(batches)).toBe(5_000);
});
