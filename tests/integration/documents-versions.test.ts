import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KnowledgeDocument } from '../../shared/contracts/documents.ts';
import type { SearchResult } from '../../shared/contracts/search.ts';
import {
  CHUNKS,
  type DocumentPipeline,
  documentsPath,
  pathOf,
  startDocumentPipeline,
  word,
} from './support/document-pipeline.ts';
import type { IngestionApp } from './support/ingestion-app.ts';
import { createKnowledgeBase, eventually, settled, type TestPerson, type TestTenant } from './support/platform.ts';
import { paragraphs, smallChunks } from './support/stores.ts';

let pipeline: DocumentPipeline;
let app: IngestionApp;
let tenant: TestTenant;
let keeper: TestPerson;
let knowledgeBaseId: string;
let message: DocumentPipeline['message'];
let batches: DocumentPipeline['batches'];

beforeAll(async () => {
  pipeline = await startDocumentPipeline();
  ({ app, tenant, keeper, knowledgeBaseId, message, batches } = pipeline);
});

afterAll(() => app.stop());

describe('access', () => {
  it('that is taken away while a document is being embedded is gone before it goes live', async () => {
    const marker = word();
    const held = app.embeddings.hold(marker);
    const document = await pipeline.upload(paragraphs(CHUNKS, marker));
    await held.arrived;
    const nobody = { visibility: 'restricted', users: [], groups: [], roles: [] };
    await keeper.must('PATCH', pathOf(document), { access: nobody, name: 'sealed.txt' });
    held.release();
    let found: SearchResult[] = [];
    await eventually(async () => {
      found = [...found, ...(await pipeline.find(marker)).filter(({ documentId }) => documentId === document.id)];
      return (await app.stores.document(pipeline.key(document)))?.status === 'ready' || undefined;
    });
    expect(found).toEqual([]);
    const vectors = await app.stores.vectors(pipeline.key(document));
    expect(vectors.flatMap(({ grants }) => grants)).toEqual([]);
    expect(vectors).toHaveLength(CHUNKS);
  });
});

describe('a new version', () => {
  it('replaces the old one whole, which answers until then', async () => {
    const [oldWord, newWord] = [word(), word()];
    const first = await pipeline.ready(paragraphs(CHUNKS, oldWord));
    const held = app.embeddings.hold(newWord);
    const second = await pipeline.upload(paragraphs(3, newWord), first);
    expect(second).toMatchObject({ id: first.id, version: 2, liveVersion: 1 });
    await held.arrived;
    expect((await pipeline.find(`about ${oldWord}`)).every(({ version }) => version === 1)).toBe(true);

    held.release();
    const seen = new Set<string>();
    await eventually(async () => {
      const versions = new Set(
        (await pipeline.find(oldWord)).filter(({ documentId }) => documentId === first.id).map((hit) => hit.version),
      );
      seen.add([...versions].join());
      return (await app.stores.document(pipeline.key(first)))?.status === 'ready' || undefined;
    });
    expect([...seen].every((versions) => versions.length <= 1)).toBe(true);
    await app.quiet();
    await pipeline.expectOneSet(first, 2, 3);
    expect((await pipeline.blobsOf(first)).filter((name) => !name.includes('/2/'))).toEqual([]);
    expect((await pipeline.find(oldWord)).some(({ text }) => text.includes(oldWord))).toBe(false);
    expect((await keeper.call('GET', `${pathOf(first)}/source?version=1`)).status).toBe(404);
  });

  it('is never replaced by an older one that was slow', async () => {
    const [slow, quick] = [word(), word()];
    const held = app.embeddings.hold(slow);
    const first = await pipeline.upload(paragraphs(CHUNKS, slow));
    await held.arrived;
    await pipeline.upload(paragraphs(3, quick), first);
    expect(await settled(keeper, first)).toMatchObject({ status: 'ready', version: 2 });
    held.release();
    await app.stores.send('document-chunk', message(first));
    await app.quiet();
    await pipeline.expectOneSet(first, 2, 3);
    expect((await pipeline.blobsOf(first)).filter((name) => !name.includes('/2/'))).toEqual([]);
  });

  it('that fails leaves the old one answering', async () => {
    const marker = word();
    const first = await pipeline.ready(paragraphs(3, marker));
    const { body } = await keeper.upload<KnowledgeDocument>(
      `${documentsPath(knowledgeBaseId)}?documentId=${first.id}`,
      'broken.pdf',
      Buffer.from('%PDF-1.7 broken'),
    );
    expect(await settled(keeper, body)).toMatchObject({ status: 'failed', version: 2, liveVersion: 1 });
    expect((await pipeline.find(marker))[0]).toMatchObject({ documentId: first.id, version: 1 });
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
    await pipeline.expectNothing(document);
    expect((await keeper.call('POST', `${pathOf(document)}/complete-upload`)).status).toBe(404);
  });

  it('is gone when it was being processed, and stays so', async () => {
    const marker = word();
    const held = app.embeddings.hold(marker);
    const document = await pipeline.upload(paragraphs(CHUNKS, marker));
    await held.arrived;
    expect((await keeper.call('DELETE', pathOf(document))).status).toBe(202);
    held.release();
    await app.quiet();
    await pipeline.expectNothing(document);
  });

  it('is gone from answers at once, and comes back by no message', async () => {
    const marker = word();
    const document = await pipeline.ready(paragraphs(CHUNKS, marker));
    expect((await keeper.call('DELETE', pathOf(document))).status).toBe(202);
    expect((await pipeline.find(marker)).some(({ documentId }) => documentId === document.id)).toBe(false);
    await app.quiet();
    await pipeline.expectNothing(document);
    const late = `${tenant.id}/${knowledgeBaseId}/${document.id}/1/text`;
    await app.stores.write('documents', late, 'written by a step that was still running');
    await app.stores.send('document-chunk', message(document));
    await app.stores.send('chunk-embed', ...batches(document));
    await app.stores.send('document-chunk-poison', message(document));
    await app.stores.send('chunk-embed-poison', ...batches(document));
    await app.stores.send('document-delete', pipeline.key(document), pipeline.key(document));
    await app.quiet();
    await pipeline.expectNothing(document);
  });

  it('refuses what comes too late', async () => {
    const document = await pipeline.ready(paragraphs(3));
    await app.stores.rewind(pipeline.key(document), { status: 'deleting' });
    const upload = keeper.upload(
      `${documentsPath(knowledgeBaseId)}?documentId=${document.id}`,
      'late.txt',
      Buffer.from('late'),
    );
    expect((await upload).status).toBe(404);
    expect((await keeper.call('POST', `${pathOf(document)}/retry`)).status).toBe(409);
    expect((await keeper.call('DELETE', pathOf(document))).status).toBe(202);
    await app.quiet();
    await pipeline.expectNothing(document);
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
    for (const document of [ready, dropped, processing]) await pipeline.expectNothing(document);
    expect(await app.stores.blobs('drop', `${tenant.id}/${id}/`)).toEqual([]);
    expect(await app.stores.blobs('documents', `${tenant.id}/${id}/`)).toEqual([]);
  });
});
