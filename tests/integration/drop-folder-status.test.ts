import { afterAll, beforeAll, expect, it } from 'vitest';
import type { KnowledgeDocument } from '../../shared/contracts/documents.ts';
import type { KnowledgeBaseStatus, RetriedDocuments } from '../../shared/contracts/drop-folder.ts';
import type { Page } from '../../shared/contracts/paging.ts';
import { type DocumentPipeline, documentsPath, startDocumentPipeline } from './support/document-pipeline.ts';
import { eventually } from './support/platform.ts';

let pipeline: DocumentPipeline;
let path: string;

beforeAll(async () => {
  pipeline = await startDocumentPipeline();
  path = `/api/v1/knowledge-bases/${pipeline.knowledgeBaseId}`;
});

afterAll(() => pipeline.app.stop());

const write = (name: string, content: string) =>
  pipeline.app.stores.write('drop', `${pipeline.tenant.id}/${pipeline.knowledgeBaseId}/${name}`, content);
const status = () => pipeline.keeper.must<KnowledgeBaseStatus>('GET', `${path}/status`);
const listed = async (query: string) => {
  const page = await pipeline.keeper.must<Page<KnowledgeDocument>>(
    'GET',
    `${documentsPath(pipeline.knowledgeBaseId)}?${query}`,
  );
  return page.items.map((document) => document.path);
};

it('shows counts, failures and problems of a drop folder in one place', async () => {
  await write('good/one.txt', 'A good file.');
  await write('good/two.txt', 'Another good file.');
  await write('bad/empty.txt', '');
  await write('bad/\u202Eimage.pdf', '<svg xmlns="http://www.w3.org/2000/svg"></svg>');
  await write('locked/.access.json', '{ "visibility": "restricted"');
  const settled = await eventually(async () => {
    const now = await status();
    const { ready, failed } = now.documents.byStatus;
    return ready === 2 && failed === 2 && now.accessFileProblems.length > 0 ? now : undefined;
  });
  expect(settled.documents.total).toBe(4);
  expect(settled.failures.map(({ path: at }) => at).sort()).toEqual(['bad/empty.txt', 'bad/�image.pdf']);
  expect(settled.failures.every(({ code, reason }) => code !== '' && reason !== '')).toBe(true);
  expect(settled.accessFileProblems).toMatchObject([{ folder: 'locked/' }]);
  expect(settled.accessFileProblems[0]?.reason).toContain('not JSON');
  expect(settled.reconcile).toBeNull();
});

it('lists the documents of one status, page by page', async () => {
  expect((await listed('status=ready')).sort()).toEqual(['good/one.txt', 'good/two.txt']);
  const first = await pipeline.keeper.must<Page<KnowledgeDocument>>(
    'GET',
    `${documentsPath(pipeline.knowledgeBaseId)}?status=failed&limit=1`,
  );
  const rest = await listed(`status=failed&limit=1&continuation=${first.continuation}`);
  expect([first.items[0]?.path, ...rest].sort()).toEqual(['bad/empty.txt', 'bad/�image.pdf']);
  const other = `${documentsPath(pipeline.knowledgeBaseId)}?status=ready&limit=1&continuation=${first.continuation}`;
  expect((await pipeline.keeper.call('GET', other)).status).toBe(400);
  expect((await pipeline.keeper.call('GET', `${documentsPath(pipeline.knowledgeBaseId)}?status=odd`)).status).toBe(400);
});

it('tries all again that failed, and no other', async () => {
  const [document] = (
    await pipeline.keeper.must<Page<KnowledgeDocument>>(
      'GET',
      `${documentsPath(pipeline.knowledgeBaseId)}?status=ready`,
    )
  ).items;
  if (!document) throw new Error('There is no document.');
  const error = { code: 'processing-failed', reason: 'A service was away.' };
  await pipeline.app.stores.rewind(pipeline.key(document), { status: 'failed', liveVersion: null, error });
  const retried = await pipeline.keeper.must<RetriedDocuments>('POST', `${path}/retry-failed`);
  expect(retried).toEqual({ retried: 3, left: 0 });
  await eventually(async () => {
    const { ready, failed } = (await status()).documents.byStatus;
    return ready === 2 && failed === 2 ? true : undefined;
  });
  await pipeline.app.quiet();
  await pipeline.expectOneSet(document, 1, 1);
});

it('takes a file again from the drop folder that was refused before it was stored', async () => {
  const { items } = await pipeline.keeper.must<Page<KnowledgeDocument>>(
    'GET',
    `${documentsPath(pipeline.knowledgeBaseId)}?status=ready`,
  );
  const document = items.find(({ path: at }) => at === 'good/two.txt');
  if (!document) throw new Error('There is no document.');
  const error = { code: 'quota-used-up', reason: 'There was no room.' };
  await Promise.all((await pipeline.blobsOf(document)).map((name) => pipeline.app.stores.unlink('documents', name)));
  await pipeline.app.stores.rewind(pipeline.key(document), { status: 'failed', liveVersion: null, error });
  await pipeline.keeper.must('POST', `${path}/retry-failed`);
  await eventually(async () => ((await listed('status=ready')).includes('good/two.txt') ? true : undefined));
  await pipeline.app.quiet();
  await pipeline.expectOneSet(document, 1, 1);
});
