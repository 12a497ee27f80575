import { beforeAll, describe, expect, it } from 'vitest';
import type { SearchResult } from '../../shared/contracts/search.ts';
import { createKnowledgeBase, onboardTenant, type TestPerson, uploadAndWait } from './support/platform.ts';
import { smallChunks } from './support/stores.ts';

let member: TestPerson;
let first: string;
let second: string;

beforeAll(async () => {
  const tenant = await onboardTenant();
  const keeper = await tenant.person(['KnowledgeManager']);
  member = await tenant.person(['Member']);
  [first, second] = (await Promise.all(
    ['One', 'Two'].map(async (name) => (await createKnowledgeBase(keeper, { name, chunking: smallChunks })).id),
  )) as [string, string];
  const rules = Array.from({ length: 12 }, (_, index) => `Rule ${index} of the orchard speaks of pears.`).join('\n\n');
  await Promise.all([
    uploadAndWait(keeper, first, 'holidays.md', '# Leave\n\n## Holidays\n\nEverybody has 28 days of holiday.\n'),
    uploadAndWait(keeper, first, 'orchard.txt', `${rules}\n\n${'Nothing more is said about it here. '.repeat(40)}`),
    uploadAndWait(
      keeper,
      second,
      'parking.md',
      '# Parking\n\nCars park behind the orchard. Code E-4711 opens the gate.\n',
    ),
  ]);
});

async function query(body: Record<string, unknown>, path = '/api/v1/query'): Promise<SearchResult[]> {
  return (await member.must<{ results: SearchResult[] }>('POST', path, body)).results;
}

const basesOf = (results: readonly SearchResult[]) => new Set(results.map(({ knowledgeBaseId }) => knowledgeBaseId));

describe('a search', () => {
  it('covers all that one may see, several knowledge bases, or one', async () => {
    expect(basesOf(await query({ query: 'orchard' }))).toEqual(new Set([first, second]));
    const several = { query: 'orchard', knowledgeBaseIds: [first, second] };
    expect(basesOf(await query(several))).toEqual(new Set([first, second]));
    expect(basesOf(await query({ query: 'orchard', knowledgeBaseIds: [second] }))).toEqual(new Set([second]));
    expect(basesOf(await query({ query: 'orchard' }, `/api/v1/knowledge-bases/${first}/query`))).toEqual(
      new Set([first]),
    );
  });

  it('puts what fits best first, numbers it, and says how well it fits by meaning and by words', async () => {
    const results = await query({ query: 'Which code opens the gate: E-4711?' });
    expect(results[0]).toMatchObject({ number: 1, documentName: 'parking.md', knowledgeBaseId: second, version: 1 });
    expect(results[0]?.scores).toEqual({ dense: expect.any(Number), sparse: expect.any(Number) });
    expect(results.map(({ number }) => number)).toEqual(results.map((_, index) => index + 1));
    const scores = results.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(scores.every((score) => score >= 0 && score <= 1)).toBe(true);
  });

  it('gives as many results as asked for, each once', async () => {
    const two = await query({ query: 'orchard pears', limit: 2 });
    expect(two).toHaveLength(2);
    const many = await query({ query: 'orchard pears', limit: 50 });
    expect(new Set(many.map(({ documentId, start }) => `${documentId} ${start}`)).size).toBe(many.length);
    expect(many.slice(0, 2)).toEqual(two);
  });

  it('leads to the place that it found', async () => {
    const [hit] = await query({ query: 'how many days of holiday' });
    expect(hit).toMatchObject({ documentName: 'holidays.md', headingPath: ['Leave'], page: null });
    const base = `/api/v1/knowledge-bases/${first}/documents/${hit?.documentId}`;
    const { body } = await member.call<string>('GET', `${base}/text?start=${hit?.start}&end=${hit?.end}`);
    expect(body).toBe(hit?.text);
    expect(hit?.url).toBe(`${base}/source?version=1`);
  });

  it('finds nothing exact for a question without words, and is no error', async () => {
    const results = await query({ query: '?!' });
    expect(results.every(({ scores }) => scores.sparse === null)).toBe(true);
  });

  it.each([
    ['no question', {}],
    ['an empty question', { query: '  ' }],
    ['a question that is too long', { query: 'x'.repeat(4_001) }],
    ['too many results', { query: 'x', limit: 101 }],
    ['no results', { query: 'x', limit: 0 }],
    ['no knowledge base', { query: 'x', knowledgeBaseIds: [] }],
    ['a foreign field', { query: 'x', filter: { tenant_id: 'x' } }],
    ['a collection', { query: 'x', collection: 'chunks' }],
  ])('refuses %s', async (_, body) => {
    expect(await member.call('POST', '/api/v1/query', body)).toMatchObject({
      status: 400,
      body: { code: 'validation_failed' },
    });
  });

  it('knows no knowledge base that is not there', async () => {
    const knowledgeBaseIds = [first, 'kb_01JD3Q5V4M8K2N6P9R1S7T0W3X'];
    expect((await member.call('POST', '/api/v1/query', { query: 'x', knowledgeBaseIds })).status).toBe(404);
  });
});
