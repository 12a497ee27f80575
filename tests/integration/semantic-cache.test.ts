import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { createQdrantCacheStore } from '../../shared/adapters/qdrant/cached-answers.ts';
import type { CacheKey } from '../../shared/cache/cache-key.ts';
import { SemanticCache } from '../../shared/cache/semantic-cache.ts';
import type { KnowledgeBase } from '../../shared/contracts/knowledge-bases.ts';
import { newId } from '../../shared/identifiers.ts';
import type { DocumentKey } from '../../shared/knowledge/document-repository.ts';
import { createLogger } from '../../shared/telemetry/logger.ts';
import { embedded, openCachedKnowledge, vectorOf } from './support/cached-knowledge.ts';
import { principalOf } from './support/principals.ts';

const tenantId = newId('ten');
const policy = { semanticCache: { enabled: true } };
const GROUP = randomUUID();
let time = Date.now();
const knowledge = openCachedKnowledge(tenantId, { now: () => new Date(time) });
const { ask, cache, space, store } = knowledge;
const member = () => principalOf(tenantId, { policy });
let knowledgeBase: KnowledgeBase;
let questions = 0;

const newQuestion = () => {
  questions += 1;
  return embedded(`What is item-${questions}?`, { axis: questions });
};

async function newDocument(grants?: readonly string[]): Promise<DocumentKey> {
  const document = { tenantId, knowledgeBaseId: knowledgeBase.id, documentId: newId('doc') };
  await knowledge.publish(document, 1, grants);
  return document;
}

beforeAll(async () => {
  knowledgeBase = await knowledge.createKnowledgeBase();
  await newDocument();
});

describe('the semantic cache', () => {
  it('gives an answer again, to anybody who may see the same, with what it took and was called', async () => {
    const question = newQuestion();
    const first = await ask(member(), question);
    expect(first.status).toBe('miss');
    const again = await ask(member(), { ...question, text: question.text.toUpperCase().replace('WHAT', 'what') });
    expect(again).toMatchObject({ status: 'hit', text: first.text });
    expect(again.cached).toMatchObject({
      title: 'Title',
      usage: { costMicroUsd: 480 },
      support: { status: 'supported' },
    });
    expect(again.cached?.citations.length).toBeGreaterThan(0);
  });

  it('is off unless the policy turns it on, and for callers who refuse it', async () => {
    const question = newQuestion();
    expect((await ask(member(), question)).status).toBe('miss');
    expect((await ask(principalOf(tenantId), question)).status).toBe('bypass');
    expect((await ask(principalOf(tenantId, { policy: { semanticCache: {} } }), question)).status).toBe('bypass');
    expect((await ask(member(), question, { useCache: false })).status).toBe('bypass');
    expect((await ask(member(), question)).status).toBe('hit');
  });

  it.each([
    ['another model', { model: 'other' }],
    ['another system prompt', { promptVersion: 'grounded@2' }],
    ['other tools', { tools: ['calculator'] }],
    ['less knowledge', { knowledgeBases: [] }],
  ])('misses for %s', async (_, facts) => {
    const question = newQuestion();
    await ask(member(), question);
    expect((await ask(member(), question, facts)).status).toBe('miss');
    expect((await ask(member(), question)).status).toBe('hit');
  });

  it('misses for another tenant, even with all else the same', async () => {
    const question = newQuestion();
    const [here, there] = [member(), principalOf(newId('ten'), { policy })];
    await ask(here, question);
    const knowledgeBases = await knowledge.knowledgeBases.searchable(here);
    expect((await ask(there, question, { knowledgeBases })).status).toBe('miss');
    expect((await ask(here, question, { knowledgeBases })).status).toBe('hit');
  });

  it('misses for somebody who may find other documents, and not for grants that make no difference', async () => {
    await newDocument([`group:${GROUP}`]);
    const [inside, alsoInside, outside] = [
      principalOf(tenantId, { policy, groups: [GROUP] }),
      principalOf(tenantId, { policy, groups: [GROUP, randomUUID()], roles: ['Auditor'] }),
      member(),
    ];
    const question = newQuestion();
    expect((await ask(outside, question)).status).toBe('miss');
    const told = await ask(inside, question);
    expect(told.status).toBe('miss');
    expect(await ask(alsoInside, question)).toMatchObject({ status: 'hit', text: told.text });
    expect((await ask(outside, question)).text).not.toBe(told.text);
  });

  it('asks for the likeness that the tenant wants', async () => {
    const question = newQuestion();
    await ask(member(), question);
    const strict = principalOf(tenantId, { policy: { semanticCache: { enabled: true, similarity: 0.99 } } });
    const loose = principalOf(tenantId, { policy: { semanticCache: { enabled: true, similarity: 0.8 } } });
    const alike = (likeness: number) => embedded(question.text, { axis: questions, likeness });
    const lookUp = async (principal: typeof strict, likeness: number) => {
      const searched = await knowledge.knowledgeBases.searchable(principal);
      const facts = { question: question.text, knowledgeBases: searched, model: 'm', promptVersion: 'grounded@1' };
      const turn = cache.admit(principal, { ...facts, tools: [], hasHistory: false, useCache: true });
      return turn && (await cache.lookUp(turn, alike(likeness)));
    };
    expect(await lookUp(strict, 0.98)).toBeNull();
    expect(await lookUp(strict, 0.995)).not.toBeNull();
    expect(await lookUp(member(), 0.94)).toBeNull();
    expect(await lookUp(member(), 0.96)).not.toBeNull();
    expect(await lookUp(loose, 0.85)).not.toBeNull();
  });

  it('does not take a question for another that differs in a number, a name or a not', async () => {
    await ask(member(), embedded('Is overtime paid after 8 hours in Munich?'));
    for (const other of [
      'Is overtime paid after 9 hours in Munich?',
      'Is overtime paid after 8 hours in Berlin?',
      'Is overtime not paid after 8 hours in Munich?',
    ]) {
      expect([other, (await ask(member(), embedded(other))).status]).toEqual([other, 'miss']);
    }
    expect((await ask(member(), embedded('Is overtime paid in Munich after eight hours?'))).status).toBe('hit');
  });
});

describe('never goes into the cache:', () => {
  it.each([
    ['a follow-up', { hasHistory: true }],
    ['a question about oneself', { question: 'How many days do I have?' }],
    ['a question about now', { question: 'Who is on call today?' }],
  ])('%s', async (_, facts) => {
    const question = newQuestion();
    expect((await ask(member(), question, facts)).status).toBe('bypass');
    expect((await ask(member(), question)).status).toBe('miss');
  });

  it.each([
    ['what used a tool', { usedTools: true }],
    ['what was filtered', { finishReason: 'content-filter' as const }],
    ['what was cut off', { finishReason: 'length' as const }],
    ['what was stopped', { finishReason: 'stopped' as const }],
    ['what failed', { finishReason: 'error' as const }],
    ['what waits for an approval', { finishReason: 'awaiting-approval' as const }],
    ['what cites nothing', { support: { status: 'nothing-cited' as const, sentences: [] }, citations: [] }],
    ['what is not supported', { support: { status: 'unsupported' as const, sentences: [] } }],
    ['what is partly supported', { support: { status: 'partly' as const, sentences: [] } }],
    ['what was never checked', { support: null }],
    ['what says nothing', { text: ' ' }],
  ])('%s', async (_, answered) => {
    const question = newQuestion();
    expect((await ask(member(), question, {}, answered)).status).toBe('miss');
    expect((await ask(member(), question)).status).toBe('miss');
    expect((await ask(member(), question)).status).toBe('hit');
  });

  it('but an answer without a search needs no support', async () => {
    const [question, plain] = [newQuestion(), { knowledgeBases: [] }];
    const answered = { support: null, citations: [], passages: [] };
    await ask(member(), question, plain, answered);
    expect((await ask(member(), question, plain)).status).toBe('hit');
  });
});

describe('a cached answer is gone at once', () => {
  const changes: [string, (document: DocumentKey) => Promise<unknown>][] = [
    ['a document is added', () => newDocument()],
    ['a document gets a new version', (document) => knowledge.publish(document, 2)],
    ['a document is deleted', (document) => knowledge.vectorStore.removeDocument(document)],
    [
      'the access to a document changes',
      (document) =>
        knowledge.vectorStore.updateDocument(document, knowledge.carried({ grants: [`user:${randomUUID()}`] })),
    ],
    [
      'a document is renamed',
      (document) => knowledge.vectorStore.updateDocument(document, knowledge.carried({ documentName: 'b.md' })),
    ],
    ['a knowledge base is added', () => knowledge.createKnowledgeBase()],
  ];

  it.each(changes)('when %s', async (_, change) => {
    const [question, document] = [newQuestion(), await newDocument()];
    await ask(member(), question);
    expect((await ask(member(), question)).status).toBe('hit');
    await change(document);
    expect((await ask(member(), question)).status).toBe('miss');
  });

  it('while a document that it was answered from is withheld, and made anew when that is over', async () => {
    const [question, document] = [newQuestion(), await newDocument()];
    await ask(member(), question);
    const { knowledgeBaseId, documentId } = document;
    await knowledge.repository.contentChanged(tenantId, knowledgeBaseId, { withhold: { [documentId]: 1 } });
    const without = await ask(member(), question);
    expect(without).toMatchObject({ status: 'miss', text: expect.not.stringContaining(documentId) });
    await knowledge.repository.contentChanged(tenantId, knowledgeBaseId, { release: { [documentId]: 1 } });
    const again = await ask(member(), question);
    expect(again).toMatchObject({ status: 'miss', text: expect.stringContaining(documentId) });
  });

  it('also when the change could not be announced: what its passages say may no longer be found', async () => {
    const unannounced = await newDocument();
    const [question, asker] = [newQuestion(), member()];
    await ask(asker, question);
    const searched = await knowledge.knowledgeBases.searchable(asker);
    await knowledge.vectorStore.updateDocument(unannounced, knowledge.carried({ grants: ['role:Nobody'] }));
    expect((await ask(asker, question, { knowledgeBases: searched })).status).toBe('miss');
  });

  it('when its time is over, and is then swept', async () => {
    const day = { ...policy, retentionDays: { sessions: 1 } };
    const brief = { semanticCache: { enabled: true, ttlSeconds: 60 } };
    const [question, keeper] = [newQuestion(), principalOf(tenantId, { policy: day })];
    const hurried = principalOf(tenantId, { policy: brief });
    await ask(hurried, question);
    time += 59_000;
    expect((await ask(hurried, question)).status).toBe('hit');
    time += 1_000;
    expect((await ask(keeper, question)).status).toBe('miss');
    time += 86_399_000;
    expect((await ask(keeper, question)).status).toBe('hit');
    time += 1_000;
    expect((await ask(keeper, question)).status).toBe('miss');

    const asker = principalOf(tenantId, { policy });
    await ask(asker, newQuestion());
    await cache.sweep();
    time += 86_400_000;
    await cache.sweep();
    expect(await cache.forgetAsker({ tenantId, userId: asker.userId })).toBe(0);
  });

  it('when who asked is erased, and nothing of others goes with it', async () => {
    const [erased, other] = [member(), member()];
    const [one, two, kept] = [newQuestion(), newQuestion(), newQuestion()];
    await Promise.all([ask(erased, one), ask(erased, two), ask(other, kept)]);
    expect(await cache.forgetAsker({ tenantId: newId('ten'), userId: erased.userId })).toBe(0);
    expect(await cache.forgetAsker({ tenantId, userId: erased.userId })).toBe(2);
    expect(await cache.forgetAsker({ tenantId, userId: erased.userId })).toBe(0);
    expect((await ask(other, one)).status).toBe('miss');
    expect((await ask(other, kept)).status).toBe('hit');
  });

  it('when a document is deleted that it was answered from, whoever asked', async () => {
    const [asker, document] = [member(), await newDocument()];
    await ask(asker, newQuestion());
    await knowledge.vectorStore.removeDocument(document);
    expect(await cache.forgetAsker({ tenantId, userId: asker.userId })).toBe(0);
  });
});

describe('a store of cached answers', () => {
  it('is asked by nobody who names no tenant', async () => {
    const unreachable = createQdrantCacheStore({ url: 'http://127.0.0.1:9', apiKey: undefined });
    const key = { access: 'a', knowledge: 'k', model: 'm', prompt: 'p' } as unknown as CacheKey;
    const query = { vector: vectorOf(embedded('')), similarity: 0.9, limit: 1, now: 0 };
    const lacks = { code: 'internal', message: expect.stringContaining('tenant_id') };
    await expect(unreachable.nearest(space, key, query)).rejects.toMatchObject(lacks);
    const untold = () =>
      // @ts-expect-error a key is made by `cacheKey` only
      store.nearest(space, { tenantId, access: 'a', knowledge: 'k', model: 'm', prompt: 'p' }, query);
    expect(untold).toBeTypeOf('function');
  });

  it('costs a turn 150 ms when it hangs, then nothing for a while, and fails no turn', async () => {
    let requests = 0;
    const hanging = createServer(() => {
      requests += 1;
    });
    await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(hanging.address() as AddressInfo).port}`;
    const log = createLogger('silent');
    let at = Date.now();
    const now = () => new Date(at);
    const slow = new SemanticCache({
      ...{ store: createQdrantCacheStore({ url, apiKey: undefined }), spaces: [space], now, log },
      vectorStore: knowledge.vectorStore,
    });
    const facts = { question: 'Why?', knowledgeBases: [], model: 'm', promptVersion: 'plain@1', tools: [] };
    const turn = slow.admit(member(), { ...facts, hasHistory: false, useCache: true });
    if (!turn) throw new Error('The turn was not admitted.');
    const times: number[] = [];
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const started = performance.now();
      expect(await slow.lookUp(turn, embedded('Why?'))).toBeNull();
      times.push(performance.now() - started);
    }
    expect(Math.max(...times)).toBeLessThan(1_000);
    expect(requests).toBeLessThanOrEqual(3);
    const before = requests;
    at += 10_000;
    expect(await slow.lookUp(turn, embedded('Why?'))).toBeNull();
    expect(requests).toBe(before + 1);
    hanging.closeAllConnections();
    await new Promise((resolve) => hanging.close(resolve));
  });
});
