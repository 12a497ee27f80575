import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAuditSealer } from '../../../shared/audit/seal-audit.ts';
import { verifyAudit } from '../../../shared/audit/verify-audit.ts';
import type { AuditProblem } from '../../../shared/contracts/audit.ts';
import { actAt, memoryAudit, tenant } from './memory-audit.ts';

/** Acts in blocks of the given sizes, with months between some of them. */
async function sealedLog(sizes: readonly number[]) {
  const audit = memoryAudit();
  let minute = 0;
  for (const size of sizes) {
    for (let index = 0; index < size; index += 1) {
      minute += 700;
      await audit.record(actAt(minute));
    }
    await audit.seal();
  }
  return audit;
}

const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 });
const kindsOf = (problems: readonly AuditProblem[]) => [...new Set(problems.map(({ kind }) => kind))];

describe('sealing', () => {
  it('puts every settled act into one block, in order, and leaves the young ones', async () => {
    const audit = memoryAudit(60);
    await audit.record(actAt(3), actAt(1), actAt(57), actAt(59));
    await audit.seal();
    await audit.seal();
    expect([...audit.sealed.keys()]).toEqual([1]);
    expect(await audit.verify()).toMatchObject({ blocks: 1, items: 3, problems: [], head: { sequence: 1 } });
  });

  it('makes blocks of at most a thousand acts, across months', async () => {
    const audit = memoryAudit();
    await audit.record(...Array.from({ length: 2_300 }, (_, index) => actAt(index * 50)));
    await audit.seal();
    expect(await audit.verify()).toMatchObject({ blocks: 3, items: 2_300, problemCount: 0, nextBlock: null });
  });

  it('seals each act once when several sealers run at the same time', async () => {
    const audit = memoryAudit();
    await audit.record(...Array.from({ length: 2_100 }, (_, index) => actAt(index)));
    await Promise.all([audit.seal(), createAuditSealer(audit.options)(), createAuditSealer(audit.options)()]);
    expect(await audit.verify()).toMatchObject({ blocks: 3, items: 2_100, problemCount: 0 });
  });

  it('goes on with the other tenants when one cannot be sealed', async () => {
    const audit = memoryAudit();
    await audit.record(actAt(1));
    audit.sealed.set(1, 'not a block\n');
    await expect(audit.seal()).resolves.toBeUndefined();
    expect(audit.logged).toEqual(['audit not sealed']);
  });

  it('is checked a hundred blocks at a time', async () => {
    const audit = await sealedLog(Array.from({ length: 130 }, () => 1));
    expect(await audit.verify()).toMatchObject({ blocks: 100, nextBlock: 101, problemCount: 0 });
    expect(await audit.verify(101)).toMatchObject({ blocks: 30, nextBlock: null, problemCount: 0 });
  });
});

describe('verification', () => {
  it('raises no false alarm', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, async (chosen) => {
        const report = await (await sealedLog(chosen)).verify();
        expect(report).toMatchObject({ blocks: chosen.length, problems: [], problemCount: 0 });
      }),
      { numRuns: 30 },
    );
  });

  it('names an act that was removed, changed or inserted on record', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), async (chosen, position) => {
        const audit = await sealedLog(chosen);
        const ids = [...audit.live.keys()];
        const id = ids[position % ids.length] ?? '';
        const original = audit.live.get(id) ?? actAt(0);

        audit.live.delete(id);
        expect((await audit.verify()).problems).toMatchObject([{ kind: 'missing-item', itemId: id }]);

        audit.live.set(id, { ...original, outcome: 'denied' });
        expect((await audit.verify()).problems).toMatchObject([{ kind: 'changed-item', itemId: id }]);

        audit.live.set(id, original);
        const inserted = { ...original, id: `${id.slice(0, -1)}A` };
        audit.live.set(inserted.id, inserted);
        expect((await audit.verify()).problems).toMatchObject([{ kind: 'inserted-item', itemId: inserted.id }]);
      }),
      { numRuns: 30 },
    );
  });

  it('finds any byte of a block that was changed', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), fc.nat(), async (chosen, block, position) => {
        const audit = await sealedLog(chosen);
        const sequence = 1 + (block % chosen.length);
        const content = audit.sealed.get(sequence) ?? '';
        const at = position % (content.length - 1);
        const other = content[at] === '7' ? '8' : '7';
        audit.sealed.set(sequence, content.slice(0, at) + other + content.slice(at + 1));
        const { problems } = await audit.verify();
        expect(problems.some((problem) => problem.block === sequence)).toBe(true);
      }),
      { numRuns: 300, examples: [[[1, 1], 0, 284_405_287]] },
    );
  });

  it('finds a line that was removed from, doubled in or moved within a block', async () => {
    const edits = {
      removed: (lines: string[]) => lines.toSpliced(2, 1),
      doubled: (lines: string[]) => lines.toSpliced(2, 0, lines[2] ?? ''),
      moved: ([header = '', first = '', second = '', ...rest]: string[]) => [header, second, first, ...rest],
    };
    const found: Record<string, string[]> = {};
    for (const [name, edit] of Object.entries(edits)) {
      const audit = await sealedLog([4, 4]);
      audit.sealed.set(1, edit((audit.sealed.get(1) ?? '').split('\n')).join('\n'));
      found[name] = kindsOf((await audit.verify()).problems);
    }
    expect(found).toEqual({
      removed: ['changed-block', 'inserted-item'],
      doubled: ['changed-block', 'reordered-item'],
      moved: ['changed-block', 'reordered-item'],
    });
  });

  it('finds blocks that were removed, swapped, or sealed anew', async () => {
    const gap = await sealedLog([2, 2, 2]);
    gap.sealed.delete(2);
    expect((await gap.verify()).problems).toEqual([{ kind: 'missing-block', block: 2, itemId: null }]);

    const first = await sealedLog([2, 2]);
    first.sealed.delete(1);
    expect((await first.verify()).problems).toEqual([{ kind: 'missing-block', block: 1, itemId: null }]);

    const swapped = await sealedLog([2, 2, 2]);
    const [one = '', two = ''] = [swapped.sealed.get(1), swapped.sealed.get(2)];
    swapped.sealed.set(1, two).set(2, one);
    expect(kindsOf((await swapped.verify()).problems)).toContain('misplaced-block');

    // Somebody who rewrites both stores still breaks the chain.
    const forged = await sealedLog([2, 2]);
    const [id = ''] = forged.live.keys();
    forged.live.delete(id);
    const second = forged.sealed.get(2) ?? '';
    forged.sealed.clear();
    const rest = [...forged.live];
    forged.live.clear();
    for (const [kept, item] of rest.slice(0, 1)) forged.live.set(kept, item);
    await forged.seal();
    for (const [kept, item] of rest) forged.live.set(kept, item);
    forged.sealed.set(2, second);
    expect((await forged.verify()).problems).toEqual([{ kind: 'broken-chain', block: 2, itemId: null }]);
  });

  it('accepts that acts are gone which were kept for as long as they had to be', async () => {
    const audit = await sealedLog([3]);
    const [first = '', second = ''] = audit.live.keys();
    audit.live.delete(first);
    audit.live.delete(second);
    const retained = { ...tenant, retainedSince: new Date(Date.parse(tenant.createdAt) + 1_000 * 60_000) };
    const { problems } = await verifyAudit(audit.options, retained, 1);
    expect(problems).toEqual([{ kind: 'missing-item', block: 1, itemId: second }]);
  });
});
