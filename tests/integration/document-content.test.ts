import { beforeAll, describe, expect, it } from 'vitest';
import type { Access } from '../../shared/contracts/access.ts';
import type { DocumentPreview, InspectedChunks } from '../../shared/contracts/chunks.ts';
import type { KnowledgeDocument } from '../../shared/contracts/documents.ts';
import type { SearchResult } from '../../shared/contracts/search.ts';
import type { UsageReport } from '../../shared/contracts/usage.ts';
import { pathOf } from './support/document-pipeline.ts';
import {
  createKnowledgeBase,
  eventually,
  onboardTenant,
  type TestPerson,
  type TestTenant,
  uploadAndWait,
} from './support/platform.ts';
import { keyOf, openStores, paragraphs, smallChunks } from './support/stores.ts';

const PARAGRAPHS = 30;
const FILLER = 'This is a sentence that only makes the paragraph so long that it becomes a chunk of its own.';
const PEARS = `Pears ripen in the cellar. Pears like the dark. ${FILLER} ${FILLER}`;
const APPLES = `Apples are red. ${FILLER} ${FILLER}`;
const stores = openStores();
let tenant: TestTenant;
let keeper: TestPerson;
let member: TestPerson;
let stranger: TestPerson;
let long: KnowledgeDocument;
let guide: KnowledgeDocument;
let longText: string;

beforeAll(async () => {
  const other = await onboardTenant();
  tenant = await onboardTenant();
  keeper = await tenant.person(['KnowledgeManager', 'TenantAdmin']);
  member = await tenant.person(['Member']);
  stranger = await other.person(['TenantAdmin']);
  const { id } = await createKnowledgeBase(keeper, { chunking: smallChunks });
  longText = paragraphs(PARAGRAPHS);
  [long, guide] = await Promise.all([
    uploadAndWait(keeper, id, 'long.txt', longText),
    uploadAndWait(keeper, id, 'guide.md', `# Orchard guide\n\n## Pears\n\n${PEARS}\n\n## Apples\n\n${APPLES}\n`),
  ]);
});

const nobody: Access = { visibility: 'restricted', users: [], groups: [], roles: [] };

function preview(document: KnowledgeDocument, query = '', person = member): Promise<DocumentPreview> {
  return person.must('GET', `${pathOf(document)}/preview?${query}`);
}

function chunks(document: KnowledgeDocument, query: Record<string, string> = {}, person = member) {
  return person.must<InspectedChunks>('GET', `${pathOf(document)}/chunks?${new URLSearchParams(query)}`);
}

/** All pages, one after another. */
async function allChunks(document: KnowledgeDocument, query: Record<string, string>) {
  const items: InspectedChunks['items'] = [];
  for (let continuation: string | null = ''; continuation !== null; ) {
    const page: InspectedChunks = await chunks(document, { ...query, ...(continuation && { continuation }) });
    items.push(...page.items);
    continuation = page.continuation;
  }
  return items;
}

async function search(query: string): Promise<SearchResult[]> {
  const path = `/api/v1/knowledge-bases/${guide.knowledgeBaseId}/query`;
  return (await member.must<{ results: SearchResult[] }>('POST', path, { query, limit: 25, diverse: false })).results;
}

describe('a preview', () => {
  it('shows the text part by part, with the chunks that lie in each', async () => {
    let text = '';
    for (let start: number | null = 0; start !== null; ) {
      const part: DocumentPreview = await preview(long, `limit=1000&start=${start}`);
      expect(part).toMatchObject({ start, end: start + part.text.length, totalCharacters: longText.trim().length });
      for (const chunk of part.chunks) {
        expect(chunk.start < part.end && chunk.end > part.start).toBe(true);
      }
      expect(part.chunks.map(({ index }) => index)).toEqual(
        part.chunks.map((_, position) => (part.chunks[0]?.index ?? 0) + position),
      );
      text += part.text;
      start = part.nextStart;
    }
    expect(text).toBe(longText.trim());
    expect((await preview(long)).chunks).toHaveLength(long.chunkCount ?? 0);
  });

  it('shows a citation in the middle, marked, with what is around it', async () => {
    const [hit] = await search('Paragraph 17');
    const part = await preview(long, `limit=900&highlightStart=${hit?.start}&highlightEnd=${hit?.end}`);
    const { highlight, start } = part;
    expect(part.text.slice((highlight?.start ?? 0) - start, (highlight?.end ?? 0) - start)).toBe(hit?.text);
    expect(part.text.length).toBeLessThanOrEqual(900);
    expect(start).toBeLessThan(hit?.start ?? 0);
    expect(part.end).toBeGreaterThan(hit?.end ?? 0);
    expect(await preview(long, `start=0&limit=10&highlightStart=500&highlightEnd=600`)).toMatchObject({
      highlight: null,
      text: longText.slice(0, 10),
    });
  });

  it('tells headings, and cuts no character in two', async () => {
    const { chunks: found } = await preview(guide);
    expect(found.map(({ headingPath }) => headingPath)).toContainEqual(['Orchard guide', 'Apples']);
    const emoji = await uploadAndWait(keeper, guide.knowledgeBaseId, 'emoji.txt', '🍐🍎🍐🍎 are fruits');
    const [one, rest] = [await preview(emoji, 'limit=3'), await preview(emoji, 'start=2')];
    expect([one.text, one.nextStart, rest.text]).toEqual(['🍐', 2, '🍎🍐🍎 are fruits']);
  });

  it.each(['limit=0', 'limit=100001', 'start=-1', 'highlightStart=5', 'highlightStart=5&highlightEnd=5', 'offset=1'])(
    'refuses %s',
    async (query) => {
      expect((await member.call('GET', `${pathOf(guide)}/preview?${query}`)).status).toBe(400);
    },
  );

  it('of a version from before parts could be read is the same', async () => {
    const document = await uploadAndWait(keeper, guide.knowledgeBaseId, 'old.txt', 'Written long ago.');
    const { tenantId, knowledgeBaseId, documentId } = keyOf(tenant.id, document);
    const prefix = `${tenantId}/${knowledgeBaseId}/${documentId}/1/`;
    const before = await preview(document);
    await stores.write('documents', `${prefix}text.json`, JSON.stringify({ text: 'Written long ago.' }));
    await stores.unlink('documents', `${prefix}text`);
    expect(await preview(document)).toEqual(before);
    expect(await preview(document, 'start=8&limit=4')).toMatchObject({ text: 'long', nextStart: 12 });
  });
});

describe('the extracted text', () => {
  it('comes in parts of a million characters, each naming the next', async () => {
    const line = 'All work and no play makes a long text. ';
    const text = line.repeat(30_000).trim();
    const { id } = await createKnowledgeBase(keeper, {
      chunking: { strategy: 'fixed', maxTokens: 2_000, overlapTokens: 0 },
    });
    const document = await uploadAndWait(keeper, id, 'huge.txt', text);
    const first = await member.call<string>('GET', `${pathOf(document)}/text`);
    const link = /^<(.*)>; rel="next"$/.exec(first.headers.get('link') ?? '')?.[1];
    expect([first.body.length, link]).toEqual([1_000_000, '?start=1000000']);
    const second = await member.call<string>('GET', `${pathOf(document)}/text${link}`);
    expect(second.headers.get('link')).toBeNull();
    expect(first.body + second.body).toBe(text);
  });

  it.each([
    ['', (text: string) => text],
    ['?start=20&end=50', (text: string) => text.slice(20, 50)],
    ['?start=50&end=20', () => ''],
    ['?start=999999', () => ''],
  ])('%s is what it says', async (query, expected) => {
    const { body } = await member.call<string>('GET', `${pathOf(long)}/text${query}`);
    expect(body || '').toBe(expected(longText.trim()));
  });
});

describe('the source', () => {
  const source = async (document: KnowledgeDocument, query = '') => {
    const { url } = await member.must<{ url: string }>('GET', `${pathOf(document)}/source${query}`);
    const response = await fetch(url);
    const sas = new URL(url).searchParams;
    await response.arrayBuffer();
    return {
      disposition: response.headers.get('content-disposition'),
      type: response.headers.get('content-type'),
      may: sas.get('sp'),
      of: sas.get('sr'),
      minutes: (Date.parse(sas.get('se') ?? '') - Date.now()) / 60_000,
    };
  };

  it('is shown or saved as asked, by a link that only reads one blob for ten minutes', async () => {
    const shown = await source(long);
    expect(shown).toMatchObject({ disposition: expect.stringMatching(/^inline; /), may: 'r', of: 'b' });
    expect(shown.minutes).toBeLessThan(10.1);
    expect((await source(long, '?disposition=inline')).disposition).toMatch(/^inline; filename="long.txt"; /);
    expect((await source(long, '?disposition=attachment')).disposition).toMatch(/^attachment; filename="long.txt"; /);
    expect((await member.call('GET', `${pathOf(long)}/source?disposition=evil`)).status).toBe(400);
  });

  it('is saved under its name in any script, which cannot break the header', async () => {
    const name = 'Größe "100%"; x=\\"y.txt';
    const document = await uploadAndWait(keeper, guide.knowledgeBaseId, 'plain.txt', 'Plain.');
    const { name: kept } = await keeper.must<KnowledgeDocument>('PATCH', pathOf(document), { name });
    const { disposition } = await source(document, '?disposition=attachment');
    const [, plain, encoded] =
      /^attachment; filename="([^"\\]*)"; filename\*=UTF-8''(\S+)$/.exec(disposition ?? '') ?? [];
    expect(plain).toMatch(/^[\x20-\x7e]+$/);
    expect(decodeURIComponent(encoded ?? '')).toBe(kept);
  });

  it.each([
    ['page.html', '<!doctype html><html><body><script>alert(1)</script><p>Hello there.</p></body></html>'],
    ['image.svg', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><text>Hello</text></svg>'],
  ])('of %s is never a page of a browser', async (name, content) => {
    const document = await uploadAndWait(keeper, guide.knowledgeBaseId, name, content);
    // One that cannot be read is not given out at all.
    if (document.status === 'failed') {
      expect((await member.call('GET', `${pathOf(document)}/source`)).status).toBe(404);
      return;
    }
    for (const query of ['', '?disposition=inline']) {
      const { disposition, type } = await source(document, query);
      const isInert = disposition?.startsWith('attachment') || type === 'text/plain; charset=utf-8';
      expect([isInert, type?.includes('html'), type?.includes('svg')]).toEqual([true, false, false]);
    }
  });
});

describe('the chunks of a document', () => {
  it('are shown as they were indexed, page by page', async () => {
    const all = await allChunks(long, { limit: '7' });
    expect(all.map(({ index }) => index)).toEqual(Array.from({ length: long.chunkCount ?? 0 }, (_, index) => index));
    for (const chunk of all) {
      expect(chunk.text).toBe(longText.slice(chunk.start, chunk.end));
      expect(chunk).toMatchObject({ live: true, scores: null, grants: null });
      expect(chunk.tokens).toBeGreaterThan(10);
    }
    const pears = (await chunks(guide)).items.find(({ text }) => text.includes('cellar'));
    expect(pears?.indexedText).toMatch(/^Orchard guide\n[\s\S]*\nPears ripen in the cellar\./);
    expect(pears?.terms[0]?.term).toBe('pear');
    const terms = pears?.terms.map(({ term }) => term);
    expect(terms).toEqual(expect.arrayContaining(['cellar', 'dark', 'orchard', 'pear', 'ripen']));
    expect(terms).not.toContain('appl');
  });

  it('tell how well each fits a question, part by part and word by word, as a search does', async () => {
    const query = 'Which pears ripen where it is dark? No bananas!';
    const { items, queryTerms } = await chunks(guide, { query });
    expect(queryTerms).toEqual(expect.arrayContaining(['pear', 'ripen', 'dark', 'banana']));
    expect(queryTerms).not.toContain('is');
    for (const { scores } of items) {
      const byTerm = scores?.matches.reduce((sum, match) => sum + (match.score ?? 0), 0);
      expect(byTerm).toBeCloseTo(scores?.sparse ?? 0, 4);
    }
    const pears = items.find(({ text }) => text.includes('cellar'))?.scores;
    const apples = items.find(({ text }) => text.includes('red'))?.scores;
    const [best] = await search(query);
    expect(pears).toMatchObject({ rank: 1, dense: best?.scores.dense });
    // How rare a term is changes with whatever is indexed meanwhile.
    expect((pears?.sparse ?? 0) / (best?.scores.sparse ?? 1)).toBeCloseTo(1, 1);
    expect((pears?.fused ?? 0) / (best?.score ?? 1)).toBeCloseTo(1, 1);
    expect(pears?.matches.map(({ term }) => term).sort()).toEqual(['dark', 'pear', 'ripen']);
    expect(pears?.sparse).toBeGreaterThan(apples?.sparse ?? 0);
    expect(apples).toMatchObject({ sparse: null, matches: [], dense: expect.any(Number) });
  });

  it('carry grants, which only managers are told, and say when no search finds them', async () => {
    const access = { ...nobody, users: [member.oid] };
    const document = await uploadAndWait(keeper, guide.knowledgeBaseId, 'secret.txt', 'The secret pear.', access);
    expect((await chunks(document, {}, keeper)).items[0]?.grants).toEqual([`user:${member.oid}`]);
    expect(await chunks(document, { query: 'pear' })).toMatchObject({ isWithheld: false, items: [{ grants: null }] });
    const asked = await chunks(document, { query: 'pear' }, keeper);
    expect(asked.items[0]?.scores).toMatchObject({ rank: null, fused: null, sparse: expect.any(Number) });
  });

  it('are there only for those who may open the document', async () => {
    const document = await uploadAndWait(keeper, guide.knowledgeBaseId, 'hidden.txt', 'Hidden.', nobody);
    for (const door of ['chunks', 'chunks?query=hidden', 'preview']) {
      expect((await member.call('GET', `${pathOf(document)}/${door}`)).status).toBe(404);
      expect((await stranger.call('GET', `${pathOf(guide)}/${door}`)).status).toBe(404);
    }
  });

  it('are scored within limits and on the bill', async () => {
    await chunks(guide, { query: 'pears' });
    await eventually(async () => {
      const [from, to] = [-1, 1].map((days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10));
      const path = `/api/v1/admin/usage?groupBy=kind&from=${from}&to=${to}`;
      const { groups } = await keeper.must<UsageReport>('GET', path);
      return groups.some(({ group, inputTokens }) => group === 'embedding' && inputTokens > 0) || undefined;
    });
  });

  it.each(['continuation=bm90aGluZw', 'continuation=', 'limit=101', 'query=+', 'version=0', 'filter=x'])(
    'refuse %s',
    async (query) => {
      const path = `${pathOf(guide)}/chunks?${query}`;
      expect((await member.call('GET', path)).status).toBe(400);
    },
  );
});
