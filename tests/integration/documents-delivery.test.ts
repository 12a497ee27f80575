import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KnowledgeDocument } from '../../shared/contracts/documents.ts';
import type { SearchResult } from '../../shared/contracts/search.ts';
import type { StoredDocument } from '../../shared/knowledge/document-repository.ts';
import { type IngestionApp, startIngestionApp } from './support/ingestion-app.ts';
import {
  createKnowledgeBase,
  eventually,
  onboardTenant,
  settled,
  type TestPerson,
  type TestTenant,
} from './support/platform.ts';
import { keyOf, paragraphs, smallChunks } from './support/stores.ts';

const BATCHES = 2;
const CHUNKS = 40;

let app: IngestionApp;
let tenant: TestTenant;
let keeper: TestPerson;
let knowledgeBaseId: string;

beforeAll(async () => {
  [app, tenant] = await Promise.all([startIngestionApp(), onboardTenant()]);
  keeper = await tenant.person(['KnowledgeManager'], { apiUrl: app.url });
  knowledgeBaseId = (await createKnowledgeBase(keeper, { chunking: smallChunks })).id;
});

afterAll(() => app.stop());

const word = () => `w${randomUUID().replaceAll('-', '').slice(0, 10)}`;
const documentsPath = (id = knowledgeBaseId) => `/api/v1/knowledge-bases/${id}/documents`;
const pathOf = (document: KnowledgeDocument) => `${documentsPath(document.knowledgeBaseId)}/${document.id}`;
const key = (document: KnowledgeDocument) => keyOf(tenant.id, document);
const message = (document: KnowledgeDocument, version = 1) => ({ ...key(document), version });
const batches = (document: KnowledgeDocument, version = 1) =>
  Array.from({ length: BATCHES }, (_, batch) => ({ ...message(document, version), batch }));

async function upload(text: string, of?: KnowledgeDocument): Promise<KnowledgeDocument> {
  const path = of ? `${documentsPath()}?documentId=${of.id}` : documentsPath();
  const { status, body } = await keeper.upload<KnowledgeDocument>(path, 'file.txt', Buffer.from(text));
  expect(status).toBe(202);
  return body;
}

const readyWith = async (text: string) => settled(keeper, await upload(text));

async function find(query: string, id = knowledgeBaseId): Promise<SearchResult[]> {
  const body = { query, limit: 50 };
  return (await keeper.must<{ results: SearchResult[] }>('POST', `/api/v1/knowledge-bases/${id}/query`, body)).results;
}

const blobsOf = (document: KnowledgeDocument) =>
  app.stores.blobs('documents', `${tenant.id}/${document.knowledgeBaseId}/${document.id}/`);

async function expectOneSet(document: KnowledgeDocument, version = 1, count = CHUNKS): Promise<void> {
  const vectors = await app.stores.vectors(key(document));
  expect(vectors.map(({ index }) => index)).toEqual(Array.from({ length: count }, (_, index) => index));
  expect(new Set(vectors.map((vector) => `${vector.version} ${vector.live}`))).toEqual(new Set([`${version} true`]));
  const stored = await app.stores.document(key(document));
  expect(stored).toMatchObject({ status: 'ready', liveVersion: version, version, chunkCount: count });
}

async function expectNothing(document: KnowledgeDocument): Promise<void> {
  expect(await app.stores.document(key(document))).toBeUndefined();
  expect(await app.stores.vectors(key(document))).toEqual([]);
  expect(await blobsOf(document)).toEqual([]);
  expect((await keeper.call('GET', pathOf(document))).status).toBe(404);
}

describe('a message that comes again', () => {
  it('has one effect, whenever and however often it comes', async () => {
    const document = await upload(paragraphs(CHUNKS));
    const again = async () => {
      await app.stores.send('document-chunk', message(document), message(document));
      await app.stores.send('chunk-embed', ...batches(document), ...batches(document));
    };
    await again();
    await settled(keeper, document);
    await app.quiet();
    await expectOneSet(document);
    await again();
    await app.quiet();
    await expectOneSet(document);
  });

  it('takes a dropped file once for each content', async () => {
    const name = `${tenant.id}/${knowledgeBaseId}/again.txt`;
    await app.stores.write('drop', name, paragraphs(CHUNKS));
    const event = () =>
      fetch(`${app.url}/admin/functions/documents-dropped`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ input: `drop/${name}` }),
      });
    await Promise.all([event(), event(), event()]);
    const dropped = await eventually(async () => {
      const { items } = await keeper.must<{ items: KnowledgeDocument[] }>('GET', documentsPath());
      return items.find(({ source, status }) => source === 'drop' && status === 'ready');
    });
    await event();
    await app.quiet();
    await expectOneSet(dropped);
    expect((await app.stores.document(key(dropped)))?.versionsIssued).toBe(1);
  });

  it('does no harm when it means nothing or somebody else', async () => {
    const document = await readyWith(paragraphs(CHUNKS));
    const stranger = await onboardTenant();
    const foreign = { ...message(document), tenantId: stranger.id };
    const unknown = { ...message(document), documentId: 'doc_01JD3Q5V4M8K2N6P9R1S7T0W3X' };
    const wrong = [
      {},
      'not json',
      42,
      null,
      { ...message(document), version: 0 },
      { ...message(document), tenantId: '' },
    ];
    for (const queue of ['document-chunk', 'chunk-embed', 'document-delete']) {
      await app.stores.send(queue, ...wrong.slice(0, queue === 'document-delete' ? 4 : 6));
      await app.stores.send(queue, { ...foreign, batch: 0 }, { ...unknown, batch: 0 });
    }
    await app.stores.send('chunk-embed', { ...message(document), batch: 99 }, { ...message(document, 7), batch: 0 });
    await app.quiet();
    await expectOneSet(document);
    expect(await blobsOf(document)).toContain(`${tenant.id}/${knowledgeBaseId}/${document.id}/1/source`);
  });
});

describe('a crash', () => {
  const states: [string, Partial<StoredDocument>, (document: KnowledgeDocument) => Promise<unknown>][] = [
    [
      'before the file was cut',
      { status: 'queued', liveVersion: null, batches: null, chunkCount: null, progress: 0 },
      (document) => app.stores.send('document-chunk', message(document)),
    ],
    [
      'before its batches were sent',
      { status: 'embedding', liveVersion: null, batches: { total: BATCHES, done: [] } },
      (document) => app.stores.send('document-chunk', message(document)),
    ],
    [
      'that lost the messages for good',
      { status: 'embedding', liveVersion: null, batches: { total: BATCHES, done: [] } },
      (document) => keeper.must('POST', `${pathOf(document)}/retry`),
    ],
    [
      'between two batches',
      { status: 'embedding', liveVersion: null, batches: { total: BATCHES, done: [0] } },
      (document) => app.stores.send('chunk-embed', { ...message(document), batch: 1 }),
    ],
    [
      'before the version went live',
      { status: 'embedding', liveVersion: null, batches: { total: BATCHES, done: [0, 1] } },
      (document) => app.stores.send('chunk-embed', { ...message(document), batch: 0 }),
    ],
  ];

  it.each(states)('%s is made good by the next delivery', async (_, state, deliver) => {
    const document = await readyWith(paragraphs(CHUNKS));
    await app.stores.rewind(key(document), state);
    await deliver(document);
    expect((await settled(keeper, document)).status).toBe('ready');
    await app.quiet();
    await expectOneSet(document);
  });

  it('between the switch and the sweep leaves no old files behind', async () => {
    const first = await readyWith(paragraphs(3));
    await settled(keeper, await upload(paragraphs(CHUNKS), first));
    await app.quiet();
    const { tenantId } = key(first);
    await app.stores.write('documents', `${tenantId}/${knowledgeBaseId}/${first.id}/1/source`, 'left by the crash');
    await app.stores.send('chunk-embed', { ...message(first, 2), batch: 1 });
    await app.quiet();
    expect((await blobsOf(first)).filter((name) => name.includes('/1/'))).toEqual([]);
    await expectOneSet(first, 2);
  });

  it('in the middle of embedding loses and doubles nothing', async () => {
    const marker = word();
    const held = app.embeddings.hold(marker);
    const document = await upload(paragraphs(CHUNKS, marker));
    await held.arrived;
    await app.crash();
    held.release();
    expect((await settled(keeper, document)).status).toBe('ready');
    await app.quiet();
    await expectOneSet(document);
  });
});

describe('a retry', () => {
  it('that cuts the file into fewer chunks leaves none of the others', async () => {
    const { id } = await createKnowledgeBase(keeper, { chunking: smallChunks });
    const text = Buffer.from(paragraphs(CHUNKS));
    const { body } = await keeper.upload<KnowledgeDocument>(documentsPath(id), 'file.txt', text);
    await settled(keeper, body);
    await app.stores.rewind(key(body), { status: 'failed', liveVersion: null });
    const chunking = { ...smallChunks, maxTokens: 500 };
    await keeper.must('PATCH', `/api/v1/knowledge-bases/${id}`, { chunking });
    await keeper.must('POST', `${pathOf(body)}/retry`);
    const { chunkCount } = await settled(keeper, body);
    expect(chunkCount).toBeLessThan(CHUNKS);
    await app.quiet();
    await expectOneSet(body, 1, chunkCount ?? 0);
  });
});

describe('access', () => {
  it('that is taken away while a document is being embedded is gone before it goes live', async () => {
    const marker = word();
    const held = app.embeddings.hold(marker);
    const document = await upload(paragraphs(CHUNKS, marker));
    await held.arrived;
    const nobody = { visibility: 'restricted', users: [], groups: [], roles: [] };
    await keeper.must('PATCH', pathOf(document), { access: nobody, name: 'sealed.txt' });
    held.release();
    let found: SearchResult[] = [];
    await eventually(async () => {
      found = [...found, ...(await find(marker)).filter(({ documentId }) => documentId === document.id)];
      return (await app.stores.document(key(document)))?.status === 'ready' || undefined;
    });
    expect(found).toEqual([]);
    const vectors = await app.stores.vectors(key(document));
    expect(vectors.flatMap(({ grants }) => grants)).toEqual([]);
    expect(vectors).toHaveLength(CHUNKS);
  });
});

describe('a new version', () => {
  it('replaces the old one whole, which answers until then', async () => {
    const [oldWord, newWord] = [word(), word()];
    const first = await readyWith(paragraphs(CHUNKS, oldWord));
    const held = app.embeddings.hold(newWord);
    const second = await upload(paragraphs(3, newWord), first);
    expect(second).toMatchObject({ id: first.id, version: 2, liveVersion: 1 });
    await held.arrived;
    expect((await find(`about ${oldWord}`)).every(({ version }) => version === 1)).toBe(true);

    held.release();
    const seen = new Set<string>();
    await eventually(async () => {
      const versions = new Set(
        (await find(oldWord)).filter(({ documentId }) => documentId === first.id).map((hit) => hit.version),
      );
      seen.add([...versions].join());
      return (await app.stores.document(key(first)))?.status === 'ready' || undefined;
    });
    expect([...seen].every((versions) => versions.length <= 1)).toBe(true);
    await app.quiet();
    await expectOneSet(first, 2, 3);
    expect((await blobsOf(first)).filter((name) => !name.includes('/2/'))).toEqual([]);
    expect((await find(oldWord)).some(({ text }) => text.includes(oldWord))).toBe(false);
    expect((await keeper.call('GET', `${pathOf(first)}/source?version=1`)).status).toBe(404);
  });

  it('is never replaced by an older one that was slow', async () => {
    const [slow, quick] = [word(), word()];
    const held = app.embeddings.hold(slow);
    const first = await upload(paragraphs(CHUNKS, slow));
    await held.arrived;
    await upload(paragraphs(3, quick), first);
    expect(await settled(keeper, first)).toMatchObject({ status: 'ready', version: 2 });
    held.release();
    await app.stores.send('document-chunk', message(first));
    await app.quiet();
    await expectOneSet(first, 2, 3);
    expect((await blobsOf(first)).filter((name) => !name.includes('/2/'))).toEqual([]);
  });

  it('that fails leaves the old one answering', async () => {
    const marker = word();
    const first = await readyWith(paragraphs(3, marker));
    const { body } = await keeper.upload<KnowledgeDocument>(
      `${documentsPath()}?documentId=${first.id}`,
      'broken.pdf',
      Buffer.from('%PDF-1.7 broken'),
    );
    expect(await settled(keeper, body)).toMatchObject({ status: 'failed', version: 2, liveVersion: 1 });
    expect((await find(marker))[0]).toMatchObject({ documentId: first.id, version: 1 });
  });
});

describe('a deleted document', () => {
  it('is gone when it never had a file', async () => {
    const { document } = await keeper.must<{ document: KnowledgeDocument }>(
      'POST',
      `/api/v1/knowledge-bases/${knowledgeBaseId}/uploads`,
      { name: 'never.txt' },
    );
    expect((await keeper.call('DELETE', pathOf(document))).status).toBe(202);
    await app.quiet();
    await expectNothing(document);
    expect((await keeper.call('POST', `${pathOf(document)}/complete-upload`)).status).toBe(404);
  });

  it('is gone when it was being processed, and stays so', async () => {
    const marker = word();
    const held = app.embeddings.hold(marker);
    const document = await upload(paragraphs(CHUNKS, marker));
    await held.arrived;
    expect((await keeper.call('DELETE', pathOf(document))).status).toBe(202);
    held.release();
    await app.quiet();
    await expectNothing(document);
  });

  it('is gone from answers at once, and comes back by no message', async () => {
    const marker = word();
    const document = await readyWith(paragraphs(CHUNKS, marker));
    expect((await keeper.call('DELETE', pathOf(document))).status).toBe(202);
    expect((await find(marker)).some(({ documentId }) => documentId === document.id)).toBe(false);
    await app.quiet();
    await expectNothing(document);
    const late = `${tenant.id}/${knowledgeBaseId}/${document.id}/1/text.json`;
    await app.stores.write('documents', late, 'written by a step that was still running');
    await app.stores.send('document-chunk', message(document));
    await app.stores.send('chunk-embed', ...batches(document));
    await app.stores.send('document-chunk-poison', message(document));
    await app.stores.send('chunk-embed-poison', ...batches(document));
    await app.stores.send('document-delete', key(document), key(document));
    await app.quiet();
    await expectNothing(document);
  });

  it('refuses what comes too late', async () => {
    const document = await readyWith(paragraphs(3));
    await app.stores.rewind(key(document), { status: 'deleting' });
    const upload = keeper.upload(`${documentsPath()}?documentId=${document.id}`, 'late.txt', Buffer.from('late'));
    expect((await upload).status).toBe(404);
    expect((await keeper.call('POST', `${pathOf(document)}/retry`)).status).toBe(409);
    expect((await keeper.call('DELETE', pathOf(document))).status).toBe(202);
    await app.quiet();
    await expectNothing(document);
  });
});

describe('a deleted knowledge base', () => {
  it('takes all its documents, files and vectors with it', async () => {
    const { id } = await createKnowledgeBase(keeper, { chunking: smallChunks });
    const marker = word();
    const send = async (text: string) =>
      (await keeper.upload<KnowledgeDocument>(documentsPath(id), 'file.txt', Buffer.from(text))).body;
    const ready = await settled(keeper, await send(paragraphs(3)));
    await app.stores.write('drop', `${tenant.id}/${id}/deep/er/file.txt`, paragraphs(3));
    const dropped = await eventually(async () => {
      const { items } = await keeper.must<{ items: KnowledgeDocument[] }>('GET', documentsPath(id));
      return items.find(({ source, status }) => source === 'drop' && status === 'ready');
    });
    const held = app.embeddings.hold(marker);
    const processing = await send(paragraphs(CHUNKS, marker));
    await held.arrived;

    expect((await keeper.call('DELETE', `/api/v1/knowledge-bases/${id}`)).status).toBe(202);
    const query = { query: 'paragraph', knowledgeBaseIds: [id] };
    expect((await keeper.call('POST', '/api/v1/query', query)).status).toBe(404);
    expect((await keeper.call('GET', `/api/v1/knowledge-bases/${id}`)).status).toBe(404);
    held.release();
    await app.quiet();
    for (const document of [ready, dropped, processing]) await expectNothing(document);
    expect(await app.stores.blobs('drop', `${tenant.id}/${id}/`)).toEqual([]);
    expect(await app.stores.blobs('documents', `${tenant.id}/${id}/`)).toEqual([]);
  });
});
