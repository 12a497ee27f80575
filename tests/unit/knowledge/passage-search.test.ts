import { expect, it } from 'vitest';
import type { Principal } from '../../../shared/identity/principal.ts';
import { createPassageSearch, type PassageSearchOptions } from '../../../shared/knowledge/passage-search.ts';

const reader = {
  tenantId: 'ten_1',
  userId: 'user',
  tenantChain: [{ id: 'ten_1', policy: {} }],
} as unknown as Principal;
const knowledgeBase = { id: 'kb_1', embeddingModel: 'small' };
const passage = { documentId: 'doc_1', text: 'found' };
const usage = { inputTokens: 3, cachedInputTokens: 0, outputTokens: 0 };
const query = { query: 'Where?', limit: 8, knowledgeBaseIds: ['kb_1'] };

/** A search whose stores answer when they are let, and what has happened in which order. */
function startedSearch(visible: readonly object[] = [knowledgeBase]) {
  const events: string[] = [];
  const stored = { usage: Promise.withResolvers<void>(), audit: Promise.withResolvers<void>() };
  const note = <T>(event: string, answer: T) => {
    events.push(event);
    return answer;
  };
  const search = createPassageSearch({
    knowledgeBases: { searchable: async () => visible },
    retrieval: {
      model: 'small',
      embed: async () => ({ text: 'Where?', vectors: new Map(), taken: [{ model: 'small', usage }] }),
      search: async () => note('searched', [passage]),
    },
    limiter: {
      reserve: async () => ({ settle: async () => note('settled', undefined), release: async () => undefined }),
    },
    meter: { record: () => note('metered', stored.usage.promise) },
    prices: { amountsOf: () => ({ tokens: 3, microUsd: 1 }) },
    audit: { record: () => note('audited', stored.audit.promise) },
    now: () => new Date(),
  } as unknown as PassageSearchOptions);
  const presented = Promise.withResolvers<void>();
  const told = search(reader, query, ([first]) => {
    presented.resolve();
    return note('presented', first?.text);
  }).then((text) => note('told', text));
  return { events, stored, told, presented: presented.promise };
}

it('presents what it found while it is put on record, and tells nothing before that', async () => {
  const { events, stored, told, presented } = startedSearch();
  await presented;
  expect(events[0]).toBe('searched');
  expect(events.indexOf('audited')).toBeLessThan(events.indexOf('presented'));
  stored.usage.resolve();
  await new Promise(setImmediate);
  expect(events).not.toContain('told');
  stored.audit.resolve();
  expect(await told).toBe('found');
  expect(events.toSorted()).toEqual(['audited', 'metered', 'presented', 'searched', 'settled', 'told']);
  expect(events.at(-1)).toBe('told');
});

it('waits for the meter too', async () => {
  const { events, stored, told, presented } = startedSearch();
  stored.audit.resolve();
  await presented;
  await new Promise(setImmediate);
  expect(events).not.toContain('told');
  stored.usage.resolve();
  await told;
});

it('meters and settles what a question took whose knowledge base is not there', async () => {
  const { events, told } = startedSearch([]);
  await expect(told).rejects.toMatchObject({ code: 'not_found' });
  await expect.poll(() => events.toSorted()).toEqual(['metered', 'settled']);
});
