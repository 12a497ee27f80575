import { beforeAll, describe, expect, it } from 'vitest';
import type { KnowledgeDocument } from '../../shared/contracts/documents.ts';
import type { SearchResult } from '../../shared/contracts/search.ts';
import { makePptx, makeXlsx, shape } from '../unit/ingestion/extraction/make-office.ts';
import {
  createKnowledgeBase,
  eventually,
  onboardTenant,
  readEvents,
  settled,
  stack,
  type TestPerson,
  type TestTenant,
  uploadAndWait,
} from './support/platform.ts';
import { makeDocx, makePdf } from './support/sample-files.ts';
import { keyOf, openStores } from './support/stores.ts';

let tenant: TestTenant;
let keeper: TestPerson;
let knowledgeBaseId: string;
let path: string;
const stores = openStores();

beforeAll(async () => {
  tenant = await onboardTenant();
  keeper = await tenant.person(['KnowledgeManager']);
  knowledgeBaseId = (await createKnowledgeBase(keeper)).id;
  path = `/api/v1/knowledge-bases/${knowledgeBaseId}`;
});

async function find(query: string): Promise<SearchResult[]> {
  const { results } = await keeper.must<{ results: SearchResult[] }>('POST', `${path}/query`, { query });
  return results;
}

const sourceUrl = async (link: string) => (await keeper.must<{ url: string }>('GET', link)).url;
const utf16 = (text: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);

describe('a file that is uploaded', () => {
  const formats = [
    {
      name: 'parental.pdf',
      make: () => makePdf(['Cover', 'Parental leave lasts quixotic weeks.']),
      word: 'quixotic',
      pages: 2,
    },
    { name: 'travel.docx', make: () => makeDocx('Travel', 'Trains come before zephyr flights.'), word: 'zephyr' },
    { name: 'notes.md', make: async () => Buffer.from('# Notes\n\nThe vortexian pump hums.\n'), word: 'vortexian' },
    { name: 'wide.txt', make: async () => utf16('Die Straße heißt Mandragora.\n'), word: 'mandragora' },
    {
      name: 'page.html',
      make: async () => Buffer.from('<!doctype html><h1>Rules</h1><p>Only serendipal tea.</p><p hidden>evil</p>'),
      word: 'serendipal',
    },
    { name: 'fares.csv', make: async () => Buffer.from('City;Fare\nGorgonport;120\n'), word: 'gorgonport' },
    {
      name: 'fares.xlsx',
      make: async () =>
        makeXlsx([
          { name: 'Fares', xml: '<sheetData><row><c t="inlineStr"><is><t>Xylothene</t></is></c></row></sheetData>' },
        ]),
      word: 'xylothene',
    },
    {
      name: 'talk.pptx',
      make: async () => makePptx([{ xml: shape(['Plan'], 'title') + shape(['More brambleworth next year'], '') }]),
      word: 'brambleworth',
      pages: 1,
    },
    {
      name: 'latin.txt',
      make: async () => Buffer.from('Le café était près de la fenêtre à Pâques.', 'latin1'),
      word: 'fenêtre',
    },
  ];

  it.concurrent.each(formats)('is read, found and opened: $name', async ({ name, make, word, pages = null }) => {
    const bytes = await make();
    const document = await uploadAndWait(keeper, knowledgeBaseId, name, bytes);
    expect(document).toMatchObject({ name, status: 'ready', version: 1, liveVersion: 1, progress: 1, error: null });
    expect(document.size).toBe(bytes.length);
    expect(document.chunkCount).toBeGreaterThan(0);
    expect(document.pageCount).toBe(pages);

    const [hit] = await find(word);
    expect(hit).toMatchObject({ documentId: document.id, documentName: name, version: 1 });
    expect(hit?.text.toLowerCase()).toContain(word);
    const span = `${path}/documents/${document.id}/text?start=${hit?.start}&end=${hit?.end}`;
    expect((await keeper.call<string>('GET', span)).body).toBe(hit?.text);

    const url = await sourceUrl(hit?.url ?? '');
    const opened = await fetch(url);
    expect(Buffer.from(await opened.arrayBuffer()).equals(Buffer.from(bytes))).toBe(true);
    expect(opened.headers.get('content-disposition')).toContain(name);
    // A page of somebody else's must never run under our name.
    if (name.endsWith('.html')) expect(opened.headers.get('content-disposition')).toMatch(/^attachment/);
    expect(new URL(url).hash).toBe(name.endsWith('.pdf') ? `#page=${hit?.page}` : '');
  });

  it('reports its progress until it is ready', async () => {
    const uploaded = await keeper.upload<KnowledgeDocument>(
      `${path}/documents`,
      'progress.txt',
      Buffer.from('Slow and steady.'),
    );
    const watched = await keeper.fetch(`${path}/documents/${uploaded.body.id}/events`);
    expect(watched.headers.get('content-type')).toContain('text/event-stream');
    const states = (await readEvents(watched)).map(({ data }) => JSON.parse(data) as KnowledgeDocument);
    expect(states.at(-1)).toMatchObject({ id: uploaded.body.id, status: 'ready', progress: 1 });
    const progress = states.map((state) => state.progress);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(JSON.stringify(states)).not.toContain(tenant.id);
  });
});

describe('a file that is written through a link', () => {
  it('is queued when its upload is completed, and not before it is there', async () => {
    const begun = await keeper.must<{ document: KnowledgeDocument; uploadUrl: string }>('POST', `${path}/uploads`, {
      name: 'large.txt',
    });
    const complete = `${path}/documents/${begun.document.id}/complete-upload`;
    expect(begun.document.status).toBe('awaiting-upload');
    expect(await keeper.call('POST', complete)).toMatchObject({ status: 409, body: { code: 'conflict' } });

    const put = await fetch(begun.uploadUrl, {
      method: 'PUT',
      headers: { 'x-ms-blob-type': 'BlockBlob' },
      body: 'The obsidian ledger is kept in room four.',
    });
    expect(put.status).toBe(201);
    expect((await keeper.call('POST', complete)).status).toBe(202);
    expect(await settled(keeper, begun.document)).toMatchObject({ status: 'ready', name: 'large.txt', size: 41 });
    expect((await find('obsidian'))[0]?.documentId).toBe(begun.document.id);
    // Whoever lost the answer asks again.
    expect(await keeper.call('POST', complete)).toMatchObject({ status: 202, body: { status: 'ready', version: 1 } });
  });

  it('opens nothing but its own blob for writing', async () => {
    const { uploadUrl } = await keeper.must<{ uploadUrl: string }>('POST', `${path}/uploads`, { name: 'mine.txt' });
    expect((await fetch(uploadUrl)).status).toBe(403);
    const other = new URL(uploadUrl);
    other.pathname = other.pathname.replace(/doc_\w{26}/, 'doc_01JD3Q5V4M8K2N6P9R1S7T0W3X');
    const headers = { 'x-ms-blob-type': 'BlockBlob' };
    expect((await fetch(other, { method: 'PUT', headers, body: 'x' })).status).toBe(403);
  });
});

describe('a file that is dropped', () => {
  const documentsNamed = async (name: string) => {
    const { items } = await keeper.must<{ items: KnowledgeDocument[] }>('GET', `${path}/documents?limit=100`);
    return items.filter((item) => item.name === name);
  };

  it('becomes a document, and a new version when it is overwritten', async () => {
    const place = `${tenant.id}/${knowledgeBaseId}/handbooks/2026/dropped.txt`;
    await stores.write('drop', place, 'The first tamarind rule.');
    const dropped = await eventually(async () => (await documentsNamed('dropped.txt'))[0]);
    expect(await settled(keeper, dropped)).toMatchObject({ status: 'ready', source: 'drop', version: 1 });

    await stores.write('drop', place, 'The second persimmon rule.');
    const replaced = await eventually(async () => {
      const [document] = await documentsNamed('dropped.txt');
      return document?.liveVersion === 2 ? document : undefined;
    });
    expect(replaced).toMatchObject({ id: dropped.id, status: 'ready', version: 2 });
    expect((await find('persimmon'))[0]?.version).toBe(2);
    expect((await stores.vectors(keyOf(tenant.id, dropped))).map(({ version }) => version)).toEqual([2]);

    expect((await keeper.call('DELETE', `${path}/documents/${dropped.id}`)).status).toBe(202);
    await eventually(async () => ((await stores.blobs('drop', place)).length === 0 ? true : undefined));
    await eventually(async () => ((await documentsNamed('dropped.txt')).length === 0 ? true : undefined));
  });

  it('is ignored in a place that is no knowledge base', async () => {
    await stores.write('drop', `${tenant.id}/kb_01JD3Q5V4M8K2N6P9R1S7T0W3X/stray.txt`, 'stray');
    await stores.write('drop', 'stray.txt', 'stray');
    await stores.write('drop', `${tenant.id}/${knowledgeBaseId}/neighbour.txt`, 'neighbour');
    const neighbour = await eventually(async () => (await documentsNamed('neighbour.txt'))[0]);
    expect((await settled(keeper, neighbour)).status).toBe('ready');
    expect(await stores.blobs('documents', `${tenant.id}/kb_01JD3Q5V4M8K2N6P9R1S7T0W3X/`)).toEqual([]);
  });
});

describe('a file name', () => {
  const names = [
    ['../../../etc/passwd.txt', 'passwd.txt'],
    ['..\\..\\windows\\system.txt', 'system.txt'],
    ['..%5c..%5cevil.txt', '..%5c..%5cevil.txt'],
    ['annual\u202efdp.txt', 'annual\ufffdfdp.txt'],
    ['....', 'document'],
    ['<img src=x onerror=alert(1)>.txt', '<img src=x onerror=alert(1)>.txt'],
  ] as const;

  it.concurrent.each(names)('is only ever shown: %j', async (name, shown) => {
    const document = await uploadAndWait(keeper, knowledgeBaseId, name, 'Plain text of a file with a strange name.');
    expect(document).toMatchObject({ name: shown, status: 'ready' });
    const prefix = `${tenant.id}/${knowledgeBaseId}/${document.id}/1/`;
    expect(await stores.blobs('documents', prefix)).toEqual(
      ['chunks/0.json', 'source', 'text'].map((part) => prefix + part),
    );
    const opened = await fetch(await sourceUrl(`${path}/documents/${document.id}/source`));
    expect(await opened.text()).toContain('strange name');
  });

  it.concurrent('is cut when it has 5 KB', async () => {
    const long = await uploadAndWait(keeper, knowledgeBaseId, `${'é'.repeat(5_000)}.txt`, 'Long.');
    expect(long).toMatchObject({ status: 'ready', name: 'é'.repeat(255) });
  });

  it('is refused in JSON when nothing is left of it', async () => {
    const begin = (name: string) => keeper.call<{ document: KnowledgeDocument }>('POST', `${path}/uploads`, { name });
    for (const name of ['', ' ', '..', '../', ' . ']) expect((await begin(name)).status).toBe(400);
    expect((await begin('a\u0000b\ud800.txt')).body.document.name).toBe('a\ufffdb\ufffd.txt');
  });
});

describe('a form that is wrong', () => {
  const boundary = 'x-boundary-x';
  const file = (name = 'file') =>
    `--${boundary}\r\ncontent-disposition: form-data; name="${name}"; filename="a.txt"\r\n\r\nhello\r\n`;
  const field = (name: string, value: string) =>
    `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const end = `--${boundary}--\r\n`;
  const type = `multipart/form-data; boundary=${boundary}`;
  const restricted = '{"visibility":"restricted"}';
  const forms = [
    ['holds no file', type, field('access', restricted) + end, 400],
    ['holds two files', type, file() + file('second') + end, 400],
    ['has a field after the file', type, file() + field('access', restricted) + end, 400],
    ['has an unknown field', type, field('tenantId', 'x') + file() + end, 400],
    ['has a wrong access list', type, field('access', '{"visibility":"all"}') + file() + end, 400],
    ['has no boundary', 'multipart/form-data', file() + end, 415],
    ['has an empty boundary', 'multipart/form-data; charset=utf-8', file() + end, 400],
    ['breaks off', type, file().slice(0, -4), 400],
    ['is no form', type, 'hello', 400],
    ['is JSON', 'application/json', '{}', 415],
    ['is a bare file', 'text/plain', 'hello', 415],
    ['holds an empty file', type, file().replace('hello', '') + end, 422],
  ] as const;

  it.concurrent.each(forms)('is refused and leaves nothing behind: %s', async (_, contentType, body, expected) => {
    const own = (await createKnowledgeBase(keeper)).id;
    const target = `/api/v1/knowledge-bases/${own}/documents`;
    const { status, headers, body: problem } = await keeper.call('POST', target, body, { 'content-type': contentType });
    expect({ status, problem }).toMatchObject({ status: expected });
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect(await keeper.must('GET', target)).toMatchObject({ items: [] });
    expect(await stores.blobs('documents', `${tenant.id}/${own}/`)).toEqual([]);
    expect((await fetch(`${stack.apiUrl}/health/live`)).status).toBe(200);
  });
});
