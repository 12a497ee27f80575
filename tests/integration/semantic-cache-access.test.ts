import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Access } from '../../shared/contracts/access.ts';
import { newId } from '../../shared/identifiers.ts';
import { grantsOf } from '../../shared/identity/principal.ts';
import { embedded, openCachedKnowledge } from './support/cached-knowledge.ts';
import { principalOf } from './support/principals.ts';

const OIDS = [randomUUID(), randomUUID(), randomUUID()] as const;
const GROUPS = [randomUUID(), randomUUID()] as const;
const DOCUMENTS = 4;
const EVERYBODY = { visibility: 'tenant' as const, users: [], groups: [], roles: [] };
const policy = { semanticCache: { enabled: true } };
const model = `cache-${randomUUID()}`;

const people = fc.record({
  userId: fc.constantFrom(...OIDS),
  groups: fc.subarray([...GROUPS]),
  roles: fc.subarray(['Member', 'Auditor'] as const),
});
const access = fc.record({
  visibility: fc.constantFrom('restricted' as const, 'restricted' as const, 'tenant' as const),
  users: fc.subarray([...OIDS]),
  groups: fc.subarray([...GROUPS]),
  roles: fc.subarray(['Auditor'] as const),
});
const document = fc.nat(DOCUMENTS - 1);
const change = fc.oneof(
  fc.record({ kind: fc.constant('access' as const), document, access }),
  fc.record({ kind: fc.constant('publish' as const), document, access }),
  fc.record({ kind: fc.constant('remove' as const), document }),
);
const question = fc.nat(1);
const ask = fc.record({ kind: fc.constant('ask' as const), person: people, question });
const step = fc.oneof(
  { weight: 6, arbitrary: ask },
  { weight: 1, arbitrary: change },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('race' as const), asks: fc.array(ask, { maxLength: 3 }), change }),
  },
);

type Change = typeof change extends fc.Arbitrary<infer C> ? C : never;
type Ask = typeof ask extends fc.Arbitrary<infer A> ? A : never;
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** A tenant with an open and a restricted knowledge base, and what a test does to it. */
async function newWorld(restrictedTo: Access) {
  const tenantId = newId('ten');
  const knowledge = openCachedKnowledge(tenantId, { model });
  const bases = [
    await knowledge.createKnowledgeBase(),
    await knowledge.createKnowledgeBase({ ...restrictedTo, visibility: 'restricted' }),
  ];
  const documents = Array.from({ length: DOCUMENTS }, (_, index) => ({
    key: { tenantId, knowledgeBaseId: bases[index % 2]?.id ?? '', documentId: newId('doc') },
    version: 0,
  }));

  async function apply(next: Change): Promise<void> {
    const document = documents[next.document];
    if (!document) return;
    const { vectorStore } = knowledge;
    if (next.kind === 'remove') return vectorStore.removeDocument(document.key);
    const grants = grantsOf(next.access);
    if (next.kind === 'access') return vectorStore.updateDocument(document.key, knowledge.carried({ grants }));
    document.version += 1;
    return knowledge.publish(document.key, document.version, grants);
  }

  const askAs = ({ person, question: axis }: Ask) =>
    knowledge.ask(principalOf(tenantId, { policy, ...person }), embedded('What is there?', { axis, model }));

  /** What is taken for the truth: what the same person would be answered now without a cache. */
  async function askAndCompare(next: Ask): Promise<boolean> {
    const principal = principalOf(tenantId, { policy, ...next.person });
    const fresh = await knowledge.freshAnswer(principal, await knowledge.knowledgeBases.searchable(principal));
    const { status, text } = await askAs(next);
    expect(text).toBe(fresh.text);
    return status === 'hit';
  }

  return {
    apply,
    /** @returns whether the cache answered. */
    async take(next: Step): Promise<boolean> {
      if (next.kind === 'ask') return askAndCompare(next);
      if (next.kind === 'race') await Promise.all([...next.asks.map(askAs), apply(next.change)]);
      else await apply(next);
      return false;
    },
  };
}

it('never gives anybody another answer than the model would give now, whatever changes and whoever asks', async () => {
  let hits = 0;
  let hitsAfterChange = 0;
  const steps = fc.array(step, { maxLength: 24 });
  await fc.assert(
    fc.asyncProperty(access, access, steps, ask, async (restrictedTo, first, taken, last) => {
      const world = await newWorld(restrictedTo);
      await world.apply({ kind: 'publish', document: 0, access: EVERYBODY });
      await world.apply({ kind: 'publish', document: 2, access: first });
      let isChanged = false;
      for (const next of taken) {
        const isHit = await world.take(next);
        if (isHit) hits += 1;
        if (isHit && isChanged) hitsAfterChange += 1;
        isChanged ||= next.kind !== 'ask';
      }
      // Whatever was drawn: the second of the same two questions after a change may be answered by the cache.
      await world.apply({ kind: 'access', document: 0, access: EVERYBODY });
      await world.take(last);
      if (!(await world.take(last))) return;
      hits += 1;
      hitsAfterChange += 1;
    }),
    { numRuns: 30 },
  );
  expect(hits).toBeGreaterThan(5);
  expect(hitsAfterChange).toBeGreaterThan(0);
}, 90_000);
