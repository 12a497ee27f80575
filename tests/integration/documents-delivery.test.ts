import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KnowledgeDocument } from '../../shared/contracts/documents.ts';
import type { StoredDocument } from '../../shared/knowledge/document-repository.ts';
import {
  BATCHES,
  CHUNKS,
  type DocumentPipeline,
  documentsPath,
  pathOf,
  startDocumentPipeline,
  word,
} from './support/document-pipeline.ts';
import type { IngestionApp } from './support/ingestion-app.ts';
import {
  createKnowledgeBase,
  eventually,
  onboardTenant,
  settled,
  type TestPerson,
  type TestTenant,
} from './support/platform.ts';
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

describe('a message that comes again', () => {
  it('has one effect, whenever and however often it comes', async () => {
    const document = await pipeline.upload(paragraphs(CHUNKS));
    const again = async () => {
      await app.stores.send('document-chunk', message(document), message(document));
      await app.stores.send('chunk-embed', ...batches(document), ...batches(document));
    };
    await again();
    await settled(keeper, document);
    await app.quiet();
    await pipeline.expectOneSet(document);
    await again();
    await app.quiet();
    await pipeline.expectOneSet(document);
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
      const { items } = await keeper.must<{ items: KnowledgeDocument[] }>('GET', documentsPath(knowledgeBaseId));
      return items.find(({ source, status }) => source === 'drop' && status === 'ready');
    });
    await event();
    await app.quiet();
    await pipeline.expectOneSet(dropped);
    expect((await app.stores.document(pipeline.key(dropped)))?.versionsIssued).toBe(1);
  });

  it('does no harm when it means nothing or somebody else', async () => {
    const document = await pipeline.ready();
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
    await pipeline.expectOneSet(document);
    expect(await pipeline.blobsOf(document)).toContain(`${tenant.id}/${knowledgeBaseId}/${document.id}/1/source`);
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
    const document = await pipeline.ready();
    await app.stores.rewind(pipeline.key(document), state);
    await deliver(document);
    expect((await settled(keeper, document)).status).toBe('ready');
    await app.quiet();
    await pipeline.expectOneSet(document);
  });

  it('between the switch and the sweep leaves no old files behind', async () => {
    const first = await pipeline.ready(paragraphs(3));
    await settled(keeper, await pipeline.upload(paragraphs(CHUNKS), first));
    await app.quiet();
    const { tenantId } = pipeline.key(first);
    await app.stores.write('documents', `${tenantId}/${knowledgeBaseId}/${first.id}/1/source`, 'left by the crash');
    await app.stores.send('chunk-embed', { ...message(first, 2), batch: 1 });
    await app.quiet();
    expect((await pipeline.blobsOf(first)).filter((name) => name.includes('/1/'))).toEqual([]);
    await pipeline.expectOneSet(first, 2);
  });

  it('in the middle of embedding loses and doubles nothing', async () => {
    const marker = word();
    const held = app.embeddings.hold(marker);
    const document = await pipeline.upload(paragraphs(CHUNKS, marker));
    await held.arrived;
    await app.crash();
    held.release();
    expect((await settled(keeper, document)).status).toBe('ready');
    await app.quiet();
    await pipeline.expectOneSet(document);
  });
});

describe('a retry', () => {
  it('that cuts the file into fewer chunks leaves none of the others', async () => {
    const { id } = await createKnowledgeBase(keeper, { chunking: smallChunks });
    const text = Buffer.from(paragraphs(CHUNKS));
    const { body } = await keeper.upload<KnowledgeDocument>(documentsPath(id), 'file.txt', text);
    await settled(keeper, body);
    await app.stores.rewind(pipeline.key(body), { status: 'failed', liveVersion: null });
    const chunking = { ...smallChunks, maxTokens: 500 };
    await keeper.must('PATCH', `/api/v1/knowledge-bases/${id}`, { chunking });
    await keeper.must('POST', `${pathOf(body)}/retry`);
    const { chunkCount } = await settled(keeper, body);
    expect(chunkCount).toBeLessThan(CHUNKS);
    await app.quiet();
    await pipeline.expectOneSet(body, 1, chunkCount ?? 0);
  });
});
