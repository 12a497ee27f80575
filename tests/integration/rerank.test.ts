import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { App } from '../../local/stack.ts';
import { createHttpReranker } from '../../shared/adapters/rerank/http-reranker.ts';
import type { SearchResult } from '../../shared/contracts/search.ts';
import type { UsageReport } from '../../shared/contracts/usage.ts';
import { NO_TOKENS } from '../../shared/models/model-usage.ts';
import { type Answer, json, type ScriptedServer, startScriptedServer } from './scripted-server.ts';
import {
  createKnowledgeBase,
  eventually,
  onboardTenant,
  startAnotherApp,
  type TestPerson,
  uploadAndWait,
} from './support/platform.ts';

interface Asked {
  readonly query: string;
  readonly documents: readonly string[];
  readonly model: string;
  readonly top_n: number;
}

let service: ScriptedServer;
let app: App;
let member: TestPerson;
let knowledgeBaseId: string;

beforeAll(async () => {
  service = await startScriptedServer();
  app = await startAnotherApp({
    env: { RERANK_URL: `${service.url}/v2/`, RERANK_KEY: 'secret', RERANK_MODEL: 'rerank-v3.5' },
  });
  const tenant = await onboardTenant();
  const keeper = await tenant.person(['KnowledgeManager']);
  member = await tenant.person(['Member', 'FinanceViewer'], { apiUrl: app.url });
  knowledgeBaseId = (await createKnowledgeBase(keeper)).id;
  const texts = ['pears grow in the orchard, pears and pears', 'pears are sold at the gate', 'a pear tree needs water'];
  await Promise.all(texts.map((text, index) => uploadAndWait(keeper, knowledgeBaseId, `${index}.txt`, text)));
});
afterAll(async () => {
  await app?.stop();
  await service?.stop();
});

async function search(): Promise<SearchResult[]> {
  const body = { query: 'pears', knowledgeBaseIds: [knowledgeBaseId] };
  return (await member.must<{ results: SearchResult[] }>('POST', '/api/v1/query', body)).results;
}

const namesOf = (results: readonly SearchResult[]) => results.map(({ documentName }) => documentName);

const usagePath = () => {
  const [from, to] = [Date.now() - 86_400_000, Date.now()].map((at) => new Date(at).toISOString().slice(0, 10));
  return `/api/v1/admin/usage?from=${from}&to=${to}`;
};
const usageOf = (person: TestPerson, groupBy: string) =>
  person.must<UsageReport>('GET', `${usagePath()}&groupBy=${groupBy}`);

/** Likes best what speaks of water. */
const judging: Answer = (response, request) => {
  const { documents } = JSON.parse(request.body) as Asked;
  const results = documents.map((text, index) => ({ index, relevance_score: text.includes('water') ? 0.9 : 0.1 }));
  return json(200, { results, meta: { billed_units: { search_units: 2 } } })(response, request);
};

describe('passages that a reranker judges', () => {
  it('come in its order, with its scores beside the others', async () => {
    service.answer(judging);
    const results = await search();
    expect(namesOf(results)[0]).toBe('2.txt');
    expect(results[0]?.scores).toEqual({ dense: expect.any(Number), sparse: expect.any(Number), rerank: 0.9 });
    const scores = results.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(scores.every((score) => score >= 0 && score <= 1)).toBe(true);
    const [request] = service.requests;
    expect(request).toMatchObject({ method: 'POST', path: '/v2/rerank', headers: { authorization: 'Bearer secret' } });
    expect(JSON.parse(request?.body ?? '')).toMatchObject({ query: 'pears', model: 'rerank-v3.5', top_n: 3 });
  });

  it('are on the ledger with what judging them took, for a search and for an answer', async () => {
    const tenant = await onboardTenant();
    const keeper = await tenant.person(['KnowledgeManager', 'FinanceViewer'], { apiUrl: app.url });
    const { id } = await createKnowledgeBase(keeper);
    for (const name of ['one', 'two']) await uploadAndWait(keeper, id, `${name}.txt`, `A pear tree of garden ${name}.`);
    service.answer(judging);
    await keeper.must('POST', '/api/v1/query', { query: 'pear', knowledgeBaseIds: [id] });
    await keeper.must('POST', '/api/v1/chat', { message: 'Where is the pear tree?', knowledgeBaseIds: [id] });

    const found = await eventually(async () => {
      const { groups } = await usageOf(keeper, 'kind');
      return groups.find(({ group, calls }) => group === 'rerank' && calls === 2);
    });
    expect(found).toMatchObject({ calls: 2, units: 4, inputTokens: 0, costMicroUsd: 4 * 2_000 });
    const models = await usageOf(keeper, 'model');
    expect(models.groups.find(({ group }) => group === 'rerank-v3.5')).toMatchObject({ units: 4 });
    const { body } = await keeper.call<string>('GET', `${usagePath()}&format=focus`);
    const [columns = '', ...rows] = body.split('\r\n').map((line) => line.split(','));
    const charged = rows.find((row) => row.includes('rerank'));
    expect(['ConsumedQuantity', 'ConsumedUnit'].map((name) => charged?.[columns.indexOf(name)])).toEqual([
      '4',
      'Searches',
    ]);
  });

  it('come in the order of the search when it fails, and it is left alone after some failures', async () => {
    service.answer(json(500, {}));
    const results = await search();
    expect(namesOf(results)[0]).not.toBe('2.txt');
    expect(results[0]?.scores).not.toHaveProperty('rerank');
    await search();
    await search();
    expect(service.requests).toHaveLength(3);
    await search();
    expect(service.requests).toHaveLength(3);
  });
});

describe('a reranker', () => {
  const documents = ['one', 'two'];
  const reranker = (format: 'cohere' | 'tei') =>
    createHttpReranker({ url: service.url, key: undefined, model: undefined, format });
  const rerank = (format: 'cohere' | 'tei' = 'cohere') =>
    reranker(format).rerank('which?', documents, AbortSignal.timeout(5_000));

  it('may speak as Text Embeddings Inference does', async () => {
    service.answer(
      json(200, [
        { index: 1, score: 3.5 },
        { index: 0, score: -2 },
      ]),
    );
    const { scores, usage } = await rerank('tei');
    expect([...scores]).toEqual([
      [1, 3.5],
      [0, -2],
    ]);
    expect(usage).toEqual({ ...NO_TOKENS, units: 1 });
    expect(JSON.parse(service.requests[0]?.body ?? '')).toEqual({ query: 'which?', texts: documents, truncate: true });
    expect(service.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  it.each([
    ['searches', { meta: { billed_units: { search_units: 3 } } }, { units: 3 }],
    ['tokens', { usage: { total_tokens: 120 } }, { inputTokens: 120 }],
    ['nothing, or nonsense', { usage: { total_tokens: -1 }, meta: 'none' }, { units: 1 }],
  ])('tells what it took in %s', async (_, told, usage) => {
    service.answer(json(200, { results: [{ index: 0, relevance_score: 1 }], ...told }));
    expect((await rerank()).usage).toEqual({ ...NO_TOKENS, ...usage });
  });

  const wrong: [string, Answer][] = [
    ['refuses', json(401, {})],
    ['gives no results', json(200, { results: [] })],
    ['gives a place that there is not', json(200, { results: [{ index: 2, relevance_score: 1 }] })],
    ['gives no number', json(200, { results: [{ index: 0, relevance_score: 'high' }] })],
    ['gives null', json(200, { results: [null] })],
    ['gives no JSON', (response) => void response.end('<html>')],
    ['gives too much', (response) => void response.end(`"${'x'.repeat(300_000)}"`)],
  ];
  it.each(wrong)('that %s is unavailable', async (_, answer) => {
    service.answer(answer);
    await expect(rerank()).rejects.toMatchObject({ code: 'dependency_unavailable' });
    expect(service.requests).toHaveLength(1);
  });

  it('is not waited for longer than its caller waits', async () => {
    service.answer(() => undefined);
    const waiting = reranker('cohere').rerank('which?', documents, AbortSignal.timeout(50));
    await expect(waiting).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});
