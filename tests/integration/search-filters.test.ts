import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ChatAnswer } from '../../shared/contracts/chat.ts';
import type { KnowledgeDocument } from '../../shared/contracts/documents.ts';
import type { SearchResult } from '../../shared/contracts/search.ts';
import type { SearchFilters } from '../../shared/contracts/search-filters.ts';
import {
  createKnowledgeBase,
  eventually,
  onboardTenant,
  settled,
  type TestPerson,
  uploadAndWait,
} from './support/platform.ts';
import { openStores } from './support/stores.ts';

const TAGS = ['hr', 'it', 'law'] as const;
const DAYS = [1, 2, 3, 4].map((day) => `2026-03-0${day}T00:00:00.000Z`) as [string, ...string[]];
const stores = openStores();

let keeper: TestPerson;
let tenantId: string;
let path: string;
let knowledgeBaseId: string;

beforeAll(async () => {
  const tenant = await onboardTenant();
  tenantId = tenant.id;
  keeper = await tenant.person(['KnowledgeManager']);
  knowledgeBaseId = (await createKnowledgeBase(keeper)).id;
  path = `/api/v1/knowledge-bases/${knowledgeBaseId}`;
});

async function upload(name: string, text: string, fields: Record<string, unknown> = {}): Promise<KnowledgeDocument> {
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) form.append(field, JSON.stringify(value));
  form.append('file', new Blob([text]), name);
  const response = await keeper.fetch(`${path}/documents`, { method: 'POST', body: form });
  const document = (await response.json()) as KnowledgeDocument;
  expect([name, response.status]).toEqual([name, 202]);
  return settled(keeper, document);
}

async function found(filters?: SearchFilters, query = 'quixotic'): Promise<string[]> {
  const { results } = await keeper.must<{ results: SearchResult[] }>('POST', `${path}/query`, {
    query,
    limit: 100,
    diverse: false,
    ...(filters && { filters }),
  });
  return [...new Set(results.map(({ documentName }) => documentName))].sort();
}

describe('a search that is narrowed', () => {
  beforeAll(async () => {
    const dates = [...DAYS, ...DAYS];
    const uploading = dates.map((modifiedAt, index) => {
      const tags = TAGS.filter((_, place) => (index >> place) & 1);
      return upload(`document-${index}.txt`, `A quixotic rule, number ${index}.`, { tags, modifiedAt });
    });
    await stores.write('drop', `${tenantId}/${knowledgeBaseId}/dropped.txt`, 'A quixotic rule that was dropped.');
    await Promise.all(uploading);
    await eventually(async () => ((await found()).length === dates.length + 1 ? true : undefined));
  });

  it('finds what the filters allow, of all that it would find without them, and nothing else', async () => {
    const { items } = await keeper.must<{ items: KnowledgeDocument[] }>('GET', `${path}/documents`);

    const tags = fc.subarray([...TAGS], { minLength: 1 });
    const day = fc.constantFrom(...DAYS);
    const anyFilters = fc.record(
      {
        tags: fc.record({ any: tags, all: tags }, { requiredKeys: [] }),
        modifiedFrom: day,
        modifiedTo: day,
        sources: fc.subarray(['upload' as const, 'drop' as const], { minLength: 1 }),
        documentIds: fc.subarray(
          items.map(({ id }) => id),
          { minLength: 1 },
        ),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(anyFilters, async (filters) => {
        const allowed = items.filter((document) => isAllowed(document, filters)).map(({ name }) => name);
        expect(await found(filters)).toEqual(allowed.sort());
      }),
      { numRuns: 25 },
    );
  });

  it('finds by the tags and the date that a document has now', async () => {
    const document = await upload('changing.txt', 'The zephyr blows.', { tags: ['  Old  Tag '] });
    expect(document).toMatchObject({ tags: ['old tag'], modifiedAt: expect.any(String) });
    expect(await found({ tags: { any: ['OLD tag'] } }, 'zephyr')).toEqual(['changing.txt']);

    const changed = { tags: ['New', 'new'], modifiedAt: '2020-01-01T00:00:00.000Z' };
    const updated = await keeper.must('PATCH', `${path}/documents/${document.id}`, changed);
    expect(updated).toMatchObject({ tags: ['new'], modifiedAt: changed.modifiedAt });
    expect(await found({ tags: { any: ['old tag'] } }, 'zephyr')).toEqual([]);
    expect(await found({ tags: { all: ['new'] }, modifiedTo: '2020-12-31T00:00:00.000Z' }, 'zephyr')).toEqual([
      'changing.txt',
    ]);
  });

  it('gives a link to a large file the tags and the date that were told with it', async () => {
    const body = { name: 'large.txt', tags: ['Archive'], modifiedAt: DAYS[0] };
    const { document, uploadUrl } = await keeper.must<{ document: KnowledgeDocument; uploadUrl: string }>(
      'POST',
      `${path}/uploads`,
      body,
    );
    await fetch(uploadUrl, { method: 'PUT', headers: { 'x-ms-blob-type': 'BlockBlob' }, body: 'The vortexian pump.' });
    await keeper.must('POST', `${path}/documents/${document.id}/complete-upload`);
    expect(await settled(keeper, document)).toMatchObject({ tags: ['archive'], modifiedAt: DAYS[0] });
    expect(await found({ tags: { any: ['archive'] } }, 'vortexian')).toEqual(['large.txt']);
  });

  it.each([
    ['an unknown field', { tenantId: 'x' }],
    ['no tag', { tags: { any: [] } }],
    ['an empty tag', { tags: { any: [' '] } }],
    ['a date that is none', { modifiedFrom: 'yesterday' }],
    ['an unknown source', { sources: ['web'] }],
    ['too many documents', { documentIds: Array.from({ length: 101 }, () => 'doc_01JD3Q5V4M8K2N6P9R1S7T0W3X') }],
  ])('refuses %s', async (_, filters) => {
    expect((await keeper.call('POST', `${path}/query`, { query: 'x', filters })).status).toBe(400);
  });
});

describe('a turn that is narrowed', () => {
  it('answers from what its filters allow, and not from the cache', async () => {
    await upload('tide-north.txt', 'The mandragora tide is seven metres high.', { tags: ['north'] });
    await upload('tide-south.txt', 'The mandragora tide is two metres high.', { tags: ['south'] });
    const ask = (tag: string) =>
      keeper.must<ChatAnswer>('POST', '/api/v1/chat', {
        message: 'How high is the mandragora tide?',
        knowledgeBaseIds: [knowledgeBaseId],
        filters: { tags: { any: [tag] } },
      });
    const [north, south] = [await ask('north'), await ask('south')];
    expect(north).toMatchObject({ cache: 'bypass', text: expect.stringContaining('seven') });
    expect(south).toMatchObject({ cache: 'bypass', text: expect.stringContaining('two') });
    expect(new Set(north.citations.map(({ documentName }) => documentName))).toEqual(new Set(['tide-north.txt']));
  });
});

describe('what was stored before documents had tags', () => {
  it('is found as ever, and by no filter on them', async () => {
    const document = await uploadAndWait(keeper, knowledgeBaseId, 'early.txt', 'The borealis shines.');
    await stores.forgetFields({ tenantId, knowledgeBaseId, documentId: document.id }, [
      'tags',
      'modified_at',
      'source',
    ]);
    expect(await found(undefined, 'borealis')).toContain('early.txt');
    expect(await found({ sources: ['upload'] }, 'borealis')).not.toContain('early.txt');
    expect(await found({ documentIds: [document.id] }, 'borealis')).toEqual(['early.txt']);
  });
});

function isAllowed(
  { id, tags, modifiedAt, source }: KnowledgeDocument,
  { tags: wanted, modifiedFrom, modifiedTo, sources, documentIds }: SearchFilters,
): boolean {
  if (wanted?.any && !wanted.any.some((tag) => tags.includes(tag))) return false;
  if (wanted?.all && !wanted.all.every((tag) => tags.includes(tag))) return false;
  if (modifiedFrom && (modifiedAt ?? '') < modifiedFrom) return false;
  if (modifiedTo && (modifiedAt ?? '9') > modifiedTo) return false;
  if (sources && !sources.includes(source)) return false;
  return !documentIds || documentIds.includes(id);
}
