import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Access, Role } from '../../shared/contracts/access.ts';
import type { KnowledgeDocument } from '../../shared/contracts/documents.ts';
import { pathOf } from './support/document-pipeline.ts';
import { createKnowledgeBase, eventually, uploadAndWait } from './support/platform.ts';
import {
  idsFound,
  knowledgeBases,
  startVectorStoreOutages,
  type VectorStoreOutages,
} from './support/vector-store-outages.ts';

const GROUPS = [randomUUID(), randomUUID()] as const;
const OIDS = [randomUUID(), randomUUID()] as const;

let world: VectorStoreOutages;

beforeAll(async () => {
  world = await startVectorStoreOutages();
});

afterAll(() => world.stop());

describe('random changes of access while the vector store comes and goes', () => {
  const DOCUMENTS = 3;
  const access = fc.option(
    fc.record({
      visibility: fc.constantFrom('restricted' as const, 'restricted' as const, 'tenant' as const),
      users: fc.subarray([...OIDS]),
      groups: fc.subarray([...GROUPS]),
      roles: fc.subarray(['Auditor' as Role]),
    }),
  );
  const document = fc.nat(DOCUMENTS - 1);
  const step = fc.oneof(
    fc.record({ kind: fc.constant('change' as const), document, access }),
    fc.record({
      kind: fc.constant('outage' as const),
      changes: fc.array(fc.record({ document, access }), { maxLength: 2 }),
    }),
    fc.record({
      kind: fc.constant('race' as const),
      changes: fc.array(fc.record({ document, access }), { maxLength: 3 }),
    }),
  );

  function mayFind(list: Access | null, person: { oid: string; groups: readonly string[]; roles: readonly Role[] }) {
    if (list === null || list.visibility === 'tenant') return true;
    const has = (wanted: readonly string[], held: readonly string[]) => wanted.some((one) => held.includes(one));
    return has(list.users, [person.oid]) || has(list.groups, person.groups) || has(list.roles, person.roles);
  }

  it('never let anybody find what the lists do not allow, and end with exactly what they do', async () => {
    const who = [
      { oid: OIDS[0], groups: [GROUPS[0]], roles: ['Member'] as Role[] },
      { oid: OIDS[1], groups: [], roles: ['Member', 'Auditor'] as Role[] },
    ];
    const people = await Promise.all(
      who.map((each) => world.tenant.person(each.roles, { ...each, apiUrl: world.app.url })),
    );
    const { id } = await createKnowledgeBase(world.keeper);
    const names = Array.from({ length: DOCUMENTS }, (_, index) => `tides-${index}.txt`);
    const documents = await Promise.all(
      names.map((name) => uploadAndWait(world.keeper, id, name, `${name}: tide tables.`)),
    );
    let withheldOnce = 0;

    const change = async (one: { document: number; access: Access | null }) => {
      const changed = documents[one.document];
      if (changed) await world.keeper.must('PATCH', pathOf(changed), { access: one.access });
    };
    async function changeAndCount(changes: readonly { document: number; access: Access | null }[]): Promise<void> {
      await Promise.all(changes.map(change));
      withheldOnce += Object.keys(await knowledgeBases.withheld(world.tenant.id, id)).length;
    }
    async function allowed(index: number): Promise<string[]> {
      const now = await Promise.all(documents.map((each) => world.keeper.must<KnowledgeDocument>('GET', pathOf(each))));
      const person = who[index];
      return now.flatMap((each) => (person && mayFind(each.access, person) ? [each.id] : [])).sort();
    }
    async function expectNothingMore(): Promise<void> {
      for (const [index, person] of people.entries()) {
        expect(await allowed(index)).toEqual(expect.arrayContaining(await idsFound(person, id)));
      }
    }

    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async (steps) => {
        for (const next of steps) {
          if (next.kind === 'change') await change(next);
          else if (next.kind === 'race') await Promise.all(next.changes.map(change));
          else await world.inOutage(() => changeAndCount(next.changes));
          await expectNothingMore();
        }
      }),
      { numRuns: 8 },
    );
    // Whatever was drawn: somebody loses a document while the vector store is away.
    await change({ document: 0, access: null });
    const nobody = { visibility: 'restricted' as const, users: [], groups: [], roles: [] };
    await world.inOutage(() => changeAndCount([{ document: 0, access: nobody }]));
    await expectNothingMore();
    expect(withheldOnce).toBeGreaterThan(0);
    await eventually(
      async () => Object.keys(await knowledgeBases.withheld(world.tenant.id, id)).length === 0 || undefined,
    );
    for (const [index, person] of people.entries()) {
      await eventually(async () => {
        const [is, should] = [await idsFound(person, id), await allowed(index)];
        return JSON.stringify(is) === JSON.stringify(should) || undefined;
      });
    }
  }, 120_000);
});
