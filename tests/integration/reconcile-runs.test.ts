import { expect, it } from 'vitest';
import { createBlobStore } from '../../shared/adapters/blob-storage/blob-store.ts';
import { createDocumentRepository } from '../../shared/adapters/cosmos/document-repository.ts';
import { createDropRecords } from '../../shared/adapters/cosmos/drop-records.ts';
import { createQdrantVectorStore } from '../../shared/adapters/qdrant/vector-store.ts';
import { newId } from '../../shared/identifiers.ts';
import { createReconcile, type Reconcile } from '../../shared/ingestion/reconcile/reconcile.ts';
import { createReconcileAll } from '../../shared/ingestion/reconcile/reconcile-all.ts';
import { createLogger } from '../../shared/telemetry/logger.ts';
import { cosmos, stack } from './support/platform.ts';

const DAY = 24 * 60 * 60_000;
const unused = () => Promise.reject(new Error('not to be called'));
const blobs = createBlobStore({ connectionString: stack.env.PlatformStorage ?? '' });
const records = createDropRecords(cosmos);
const log = createLogger('silent');

/** Reconcile on the real stores, with a drop folder that only notes what it is asked. */
function open(synced: string[] = [], now = () => new Date()): Reconcile {
  return createReconcile({
    repository: createDocumentRepository(cosmos),
    records,
    dropped: { sync: async (name) => void synced.push(name), remove: unused },
    blobs,
    queues: {
      documentChunk: unused,
      chunkEmbed: unused,
      documentAlign: unused,
      documentDelete: unused,
      dropEvent: unused,
      documentImport: unused,
      reindex: unused,
    },
    vectorStore: createQdrantVectorStore({ url: stack.urls.qdrant, apiKey: undefined }),
    knowledgeBases: {
      find: async () => ({ value: { embeddingModel: stack.env.AZURE_OPENAI_EMBEDDING_DEPLOYMENT }, etag: '' }) as never,
    },
    audit: { record: unused },
    log,
    now,
  });
}

const anywhere = () => ({ tenantId: newId('ten'), knowledgeBaseId: newId('kb') });

it('goes on where it had no more time, and looks at everything once', async () => {
  const knowledgeBase = anywhere();
  const folder = `${knowledgeBase.tenantId}/${knowledgeBase.knowledgeBaseId}`;
  const names = ['a.txt', 'b/c.txt'].map((path) => `${folder}/${path}`);
  await Promise.all(names.map((name) => blobs.writeJson('drop', name, {})));
  const synced: string[] = [];
  const inNoTime = { isTimeUp: () => true, confirmRemovals: false };
  const finished: boolean[] = [];
  for (let run = 1; run <= 4; run += 1) {
    const report = await open(synced)(knowledgeBase, inNoTime);
    finished.push(report.finishedAt !== null);
  }
  expect(finished).toEqual([false, false, false, true]);
  expect(synced.sort()).toEqual(names);
});

it('removes files of documents that are no more, once they are a day old', async () => {
  const knowledgeBase = anywhere();
  const file = `${knowledgeBase.tenantId}/${knowledgeBase.knowledgeBaseId}/${newId('doc')}/1/source`;
  const other = `${knowledgeBase.tenantId}/${knowledgeBase.knowledgeBaseId}/kept/1.json`;
  await Promise.all([file, other].map((name) => blobs.writeJson('documents', name, {})));
  const whole = { isTimeUp: () => false, confirmRemovals: false };
  expect((await open()(knowledgeBase, whole)).mended.filesRemoved).toBe(0);
  const later = () => new Date(Date.now() + DAY + 60_000);
  expect((await open([], later)(knowledgeBase, whole)).mended.filesRemoved).toBe(1);
  expect(await blobs.info('documents', file)).toBeNull();
  expect(await blobs.info('documents', other)).not.toBeNull();
});

it('reaches every knowledge base of every tenant in turn, however short each run is', async () => {
  const tenants = ['ten_1', 'ten_2'].map((id) => ({ id, name: id }));
  const reached: string[] = [];
  let upTo = '';
  let clock = 0;
  const runOnce = createReconcileAll({
    // Each takes five minutes, so that a run has time for two.
    reconcile: async ({ knowledgeBaseId }) => {
      reached.push(knowledgeBaseId);
      clock += 5 * 60_000;
      if (knowledgeBaseId === 'kb_2') throw new Error('one that always fails');
      return undefined as never;
    },
    records: {
      reconciledUpTo: async () => upTo,
      async putReconciledUpTo(name) {
        upTo = name;
      },
    },
    tenants: {
      list: async () => tenants as never,
      find: async (id) => ({ value: { id, tenants: [{ id }] }, etag: '' }) as never,
    },
    knowledgeBases: {
      list: async (id) => (id === 'ten_1' ? [{ id: 'kb_1' }, { id: 'kb_2' }] : [{ id: 'kb_3' }]) as never,
    },
    log,
    now: () => new Date(clock),
  });
  await runOnce();
  expect(reached).toEqual(['kb_1', 'kb_2']);
  await runOnce();
  expect(reached).toEqual(['kb_1', 'kb_2', 'kb_3', 'kb_1']);
  await runOnce();
  expect(reached.slice(4)).toEqual(['kb_2', 'kb_3']);
});
