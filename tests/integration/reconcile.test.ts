import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createQdrantVectorStore } from '../../shared/adapters/qdrant/vector-store.ts';
import type { KnowledgeDocument } from '../../shared/contracts/documents.ts';
import type { ReconcileReport } from '../../shared/contracts/drop-folder.ts';
import type { KnowledgeBase } from '../../shared/contracts/knowledge-bases.ts';
import type { Page } from '../../shared/contracts/paging.ts';
import {
  CHUNKS,
  type DocumentPipeline,
  documentsPath,
  pathOf,
  startDocumentPipeline,
} from './support/document-pipeline.ts';
import { createKnowledgeBase, eventually, settled, stack } from './support/platform.ts';
import { paragraphs, smallChunks } from './support/stores.ts';

const TWO_HOURS = 2 * 60 * 60_000;
const vectorStore = createQdrantVectorStore({ url: stack.urls.qdrant, apiKey: undefined });
const space = { model: stack.env.AZURE_OPENAI_EMBEDDING_DEPLOYMENT ?? '', dimensions: 512 };

let pipeline: DocumentPipeline;
/** Without events: an app that hears nothing of the drop folder. */
let knowledgeBase: KnowledgeBase;

beforeAll(async () => {
  pipeline = await startDocumentPipeline({ 'AzureWebJobs.documents-dropped.Disabled': 'true' });
  knowledgeBase = await another();
});

afterAll(() => pipeline.app.stop());

const another = () => createKnowledgeBase(pipeline.keeper, { chunking: smallChunks });
const nameOf = (path: string, of = knowledgeBase) => `${pipeline.tenant.id}/${of.id}/${path}`;
const write = (path: string, content: string, of?: KnowledgeBase) =>
  pipeline.app.stores.write('drop', nameOf(path, of), content);
const unlink = (path: string, of?: KnowledgeBase) => pipeline.app.stores.unlink('drop', nameOf(path, of));
const keyOf = (of = knowledgeBase) => ({ tenantId: pipeline.tenant.id, knowledgeBaseId: of.id });
const hoursAgo = () => new Date(Date.now() - TWO_HOURS).toISOString();

/** Reconciles, lets the pipeline finish, and gives what was mended; what is zero is left out. */
async function reconcile(of = knowledgeBase, query = '') {
  const report = await pipeline.keeper.must<ReconcileReport>(
    'POST',
    `/api/v1/knowledge-bases/${of.id}/reconcile${query}`,
  );
  await pipeline.app.quiet();
  const mended = Object.fromEntries(Object.entries(report.mended).filter(([, count]) => count > 0));
  return { report, mended };
}

async function documentsIn(of = knowledgeBase): Promise<KnowledgeDocument[]> {
  const page = await pipeline.keeper.must<Page<KnowledgeDocument>>('GET', `${documentsPath(of.id)}?limit=100`);
  return page.items;
}

const documentAt = async (path: string) => (await documentsIn()).find((document) => document.path === path);

async function dropped(path: string, text = paragraphs(CHUNKS)): Promise<KnowledgeDocument> {
  await write(path, text);
  await reconcile();
  const document = await eventually(() => documentAt(path));
  return settled(pipeline.keeper, document);
}

describe('reconcile', () => {
  it('takes new and changed files of which no event was heard', async () => {
    await write('lost/new.txt', paragraphs(5));
    expect((await reconcile()).mended).toEqual({ taken: 1 });
    const document = await eventually(() => documentAt('lost/new.txt'));
    expect(await settled(pipeline.keeper, document)).toMatchObject({ status: 'ready', version: 1 });

    await write('lost/new.txt', paragraphs(3));
    expect((await reconcile()).mended).toEqual({ changed: 1 });
    await settled(pipeline.keeper, document);
    await pipeline.expectOneSet(document, 2, 3);
  });

  it('removes documents of whose deletion no event was heard', async () => {
    const document = await dropped('lost/gone.txt', 'Soon gone.');
    await unlink('lost/gone.txt');
    expect((await reconcile()).mended).toEqual({ removed: 1 });
    await pipeline.expectNothing(document);
  });

  it('finds nothing where nothing is wrong', async () => {
    const document = await dropped('fine.txt');
    const { report, mended } = await reconcile();
    expect(mended).toEqual({});
    expect(report).toMatchObject({ removalsHeldBack: 0, failed: 0, checked: { files: 2, documents: 2 } });
    expect(report.finishedAt).not.toBeNull();
    await pipeline.expectOneSet(document);
  });

  it('sends messages again that were lost, once', async () => {
    const document = await dropped('stuck.txt');
    const deleted = await dropped('half-deleted.txt');
    const state = { status: 'queued', liveVersion: null, batches: null, updatedAt: hoursAgo() } as const;
    await pipeline.app.stores.rewind(pipeline.key(document), state);
    await unlink('half-deleted.txt');
    await pipeline.app.stores.rewind(pipeline.key(deleted), { status: 'deleting', updatedAt: hoursAgo() });
    expect((await reconcile()).mended).toEqual({ sentAgain: 2 });
    await settled(pipeline.keeper, document);
    await pipeline.expectOneSet(document);
    await pipeline.expectNothing(deleted);
    expect((await reconcile()).mended).toEqual({});
  });

  it('leaves alone what was queued a moment ago', async () => {
    const document = await dropped('waiting.txt');
    await pipeline.app.stores.rewind(pipeline.key(document), { status: 'queued', updatedAt: new Date().toISOString() });
    expect((await reconcile()).mended).toEqual({});
    await pipeline.app.stores.rewind(pipeline.key(document), { status: 'ready' });
  });

  it('indexes documents again whose vectors are not all there, and removes vectors without a document', async () => {
    const [incomplete, lost] = [await dropped('incomplete.txt'), await dropped('vectors-only.txt')];
    await vectorStore.removeDocument(pipeline.key(incomplete));
    await unlink('vectors-only.txt');
    await pipeline.app.stores.forget(pipeline.key(lost));
    const { mended } = await reconcile();
    expect(mended).toEqual({ reindexed: 1, vectorsRemoved: 1 });
    await settled(pipeline.keeper, incomplete);
    await pipeline.expectOneSet(incomplete);
    expect(await pipeline.app.stores.vectors(pipeline.key(lost))).toEqual([]);
    // Its files are not old enough to be sure that nobody is about to need them.
    expect(await pipeline.blobsOf(lost)).not.toEqual([]);
  });

  it('puts access files in force of which no event was heard, and those out of force that are gone', async () => {
    const document = await dropped('closed/file.txt');
    await write('closed/.access.json', JSON.stringify({ visibility: 'restricted' }));
    expect((await reconcile()).mended).toEqual({ accessFiles: 1 });
    const accessOf = async () => (await pipeline.keeper.must<KnowledgeDocument>('GET', pathOf(document))).access;
    expect(await accessOf()).toMatchObject({ visibility: 'restricted' });
    expect((await pipeline.app.stores.vectors(pipeline.key(document)))[0]?.grants).toEqual([]);
    expect((await reconcile()).mended).toEqual({});
    await unlink('closed/.access.json');
    expect((await reconcile()).mended).toEqual({ accessFiles: 1 });
    expect(await accessOf()).toBeNull();
  });

  it('does not empty a knowledge base whose folder was emptied, until somebody says that it is meant', async () => {
    const crowded = await another();
    const paths = Array.from({ length: 24 }, (_, index) => `file-${index}.txt`);
    await Promise.all(paths.map((path) => write(path, `About ${path}.`, crowded)));
    expect((await reconcile(crowded)).mended).toEqual({ taken: 24 });
    await Promise.all(paths.slice(1).map((path) => unlink(path, crowded)));

    const cautious = await reconcile(crowded);
    expect(cautious.mended).toEqual({});
    expect(cautious.report.removalsHeldBack).toBe(23);
    expect(await documentsIn(crowded)).toHaveLength(24);

    const confirmed = await reconcile(crowded, '?confirmRemovals=true');
    expect(confirmed.mended).toEqual({ removed: 23 });
    expect((await documentsIn(crowded)).map(({ path }) => path)).toEqual(['file-0.txt']);
  });

  it('may run twice at once', async () => {
    const busy = await another();
    await Promise.all([1, 2, 3].map((number) => write(`${number}.txt`, paragraphs(3), busy)));
    await Promise.all([reconcile(busy), reconcile(busy), reconcile(busy)]);
    const documents = await documentsIn(busy);
    expect(documents.map(({ path, status }) => `${path} ${status}`).sort()).toEqual([
      '1.txt ready',
      '2.txt ready',
      '3.txt ready',
    ]);
    for (const document of documents) await pipeline.expectOneSet(document, 1, 3);
    expect(await vectorStore.documentsIn(space, keyOf(busy), { after: '', limit: 100 })).toMatchObject({ next: null });
  });
});
