import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Access } from '../../shared/contracts/access.ts';
import type { KnowledgeDocument } from '../../shared/contracts/documents.ts';
import type { SearchResult } from '../../shared/contracts/search.ts';
import {
  type DocumentPipeline,
  documentsPath,
  pathOf,
  startDocumentPipeline,
  word,
} from './support/document-pipeline.ts';
import { eventually, settled, type TestPerson } from './support/platform.ts';

let pipeline: DocumentPipeline;
let reader: TestPerson;
const groupId = randomUUID();

beforeAll(async () => {
  pipeline = await startDocumentPipeline();
  reader = await pipeline.tenant.person(['Member'], { apiUrl: pipeline.app.url, groups: [groupId] });
});

afterAll(() => pipeline.app.stop());

const nameOf = (path: string) => `${pipeline.tenant.id}/${pipeline.knowledgeBaseId}/${path}`;
const write = (path: string, content: string) => pipeline.app.stores.write('drop', nameOf(path), content);
const unlink = (path: string) => pipeline.app.stores.unlink('drop', nameOf(path));
const subjectOf = (path: string) => `/blobServices/default/containers/drop/blobs/${nameOf(path)}`;

async function documentAt(path: string): Promise<KnowledgeDocument | undefined> {
  const { items } = await pipeline.keeper.must<{ items: KnowledgeDocument[] }>(
    'GET',
    `${documentsPath(pipeline.knowledgeBaseId)}?limit=100`,
  );
  return items.find((document) => document.path === path);
}

/** Drops a file and waits until it is ready. */
async function dropped(path: string, content = word()): Promise<KnowledgeDocument> {
  await write(path, content);
  const document = await eventually(() => documentAt(path));
  return settled(pipeline.keeper, document);
}

async function findsAs(person: TestPerson, query: string): Promise<boolean> {
  const path = `/api/v1/knowledge-bases/${pipeline.knowledgeBaseId}/query`;
  const { results } = await person.must<{ results: SearchResult[] }>('POST', path, { query });
  return results.some(({ text }) => text.includes(query));
}

/** The documents in which a word stands, by id. */
async function foundBy(marker: string): Promise<string[]> {
  const results = await pipeline.find(marker);
  return results.filter(({ text }) => text.includes(marker)).map(({ documentId }) => documentId);
}

const gone = (document: KnowledgeDocument) =>
  eventually(async () => ((await pipeline.keeper.call('GET', pathOf(document))).status === 404 ? true : undefined));

const restrictedTo = (groups: string[]): Access => ({ visibility: 'restricted', users: [], groups, roles: [] });

describe('a file of the drop folder', () => {
  it('keeps the path of its folder, to be shown only', async () => {
    const path = 'handbooks/2026/travel \u202Efdp.txt';
    await write(path, 'Trains before planes.');
    const document = await eventually(() => documentAt('handbooks/2026/travel �fdp.txt'));
    expect(document).toMatchObject({ name: 'travel �fdp.txt', source: 'drop', accessSource: 'folder' });
  });

  it('takes its document with it when it is deleted', async () => {
    const marker = word();
    const document = await dropped('going/away.txt', marker);
    await unlink('going/away.txt');
    await gone(document);
    await pipeline.app.quiet();
    await pipeline.expectNothing(document);
    expect(await foundBy(marker)).toEqual([]);
  });

  it('is another document after it was renamed', async () => {
    const marker = word();
    const before = await dropped('old-name.txt', marker);
    await unlink('old-name.txt');
    const after = await dropped('new-name.txt', marker);
    await gone(before);
    expect(after.id).not.toBe(before.id);
    expect(await foundBy(marker)).toEqual([after.id]);
  });

  it('that comes to the place of one that is being deleted stays, and is taken', async () => {
    const document = await dropped('replaced.txt');
    const marker = word();
    await pipeline.keeper.call('DELETE', pathOf(document));
    await write('replaced.txt', marker);
    const next = await eventually(async () => {
      const found = await documentAt('replaced.txt');
      return found?.status === 'ready' && (await foundBy(marker)).length > 0 ? found : undefined;
    });
    expect(next.id).toBe(document.id);
  });
});

describe('an event of the drop folder', () => {
  const send = (...events: unknown[]) => pipeline.app.stores.send('drop-events', ...events);

  it('in either schema only has the blob looked at, so that a late or forged one does no harm', async () => {
    const document = await dropped('still-there.txt');
    await send(
      { eventType: 'Microsoft.Storage.BlobDeleted', subject: subjectOf('still-there.txt'), data: {} },
      {
        specversion: '1.0',
        type: 'Microsoft.Storage.BlobDeleted',
        source: '/x',
        subject: subjectOf('still-there.txt'),
      },
      { eventType: 'Microsoft.Storage.BlobCreated', subject: subjectOf('never-there.txt') },
      { eventType: 'Microsoft.Storage.BlobDeleted', subject: subjectOf('never-there.txt') },
      { eventType: 'Microsoft.Storage.BlobDeleted', subject: subjectOf('../../still-there.txt') },
      { eventType: 'Microsoft.Storage.BlobDeleted', subject: '/blobServices/default/containers/documents/blobs/x' },
      { eventType: 'Microsoft.Storage.BlobDeleted', subject: 42 },
    );
    await pipeline.app.quiet();
    await pipeline.expectOneSet(document, 1, 1);
    expect(await documentAt('never-there.txt')).toBeUndefined();
  });

  it('of a deletion has one effect, however often and in whichever order it comes', async () => {
    const document = await dropped('twice.txt');
    await unlink('twice.txt');
    const deleted = { eventType: 'Microsoft.Storage.BlobDeleted', subject: subjectOf('twice.txt') };
    const created = { ...deleted, eventType: 'Microsoft.Storage.BlobCreated' };
    await send(deleted, created, deleted, created);
    await gone(document);
    await pipeline.app.quiet();
    await pipeline.expectNothing(document);
  });

  it('of a changed file gives it one version, however many come at once', async () => {
    const document = await dropped('busy.txt');
    await write('busy.txt', word());
    const changed = { eventType: 'Microsoft.Storage.BlobCreated', subject: subjectOf('busy.txt') };
    await send(changed, changed, changed, changed);
    await eventually(async () => ((await documentAt('busy.txt'))?.liveVersion === 2 ? true : undefined));
    await pipeline.app.quiet();
    await pipeline.expectOneSet(document, 2, 1);
    expect((await pipeline.app.stores.document(pipeline.key(document)))?.versionsIssued).toBe(2);
  });

  it('is understood without base64 as well', async () => {
    const document = await dropped('plain.txt');
    await unlink('plain.txt');
    const event = { eventType: 'Microsoft.Storage.BlobDeleted', subject: subjectOf('plain.txt') };
    await pipeline.app.stores.sendPlain('drop-events', JSON.stringify(event));
    await gone(document);
  });
});

describe('.access.json', () => {
  it('decides who may read the files of its folder and below, the nearest first', async () => {
    const [closed, open] = [word(), word()];
    await write('team/.access.json', JSON.stringify(restrictedTo([])));
    await write('team/open/.access.json', JSON.stringify(restrictedTo([groupId])));
    const [hidden, shown] = await Promise.all([
      dropped('team/deep/er/a.txt', closed),
      dropped('team/open/b.txt', open),
    ]);
    expect(hidden).toMatchObject({ access: restrictedTo([]), accessSource: 'folder' });
    expect(shown).toMatchObject({ access: restrictedTo([groupId]), accessSource: 'folder' });
    expect([await findsAs(reader, closed), await findsAs(reader, open)]).toEqual([false, true]);
    expect((await reader.call('GET', pathOf(hidden))).status).toBe(404);
    expect(await documentAt('team/.access.json')).toBeUndefined();
  });

  it('is in force for files that were there before, again after each change, and gone with it', async () => {
    const marker = word();
    const document = await dropped('later/file.txt', marker);
    expect(await findsAs(reader, marker)).toBe(true);
    const until = (expected: boolean) =>
      eventually(async () => ((await findsAs(reader, marker)) === expected ? true : undefined));

    await write('later/.access.json', JSON.stringify(restrictedTo([])));
    await until(false);
    await write('later/.access.json', JSON.stringify(restrictedTo([groupId])));
    await until(true);
    await write('later/.access.json', '{ "visibility": "resticted" }');
    await until(false);
    await unlink('later/.access.json');
    await until(true);
    expect(await documentAt('later/file.txt')).toMatchObject({ id: document.id, access: null });
  });

  it('that cannot be read lets in nobody but managers', async () => {
    await write('broken/.access.json', '{ not json');
    const document = await dropped('broken/file.txt');
    expect(document.access).toEqual(restrictedTo([]));
    expect((await reader.call('GET', pathOf(document))).status).toBe(404);
  });

  it('gives way to access that was set by hand, until that is reset', async () => {
    await write('mixed/.access.json', JSON.stringify(restrictedTo([])));
    const document = await dropped('mixed/file.txt');
    const own = await pipeline.keeper.must('PATCH', pathOf(document), { access: restrictedTo([groupId]) });
    expect(own).toMatchObject({ accessSource: 'own' });

    await write('mixed/.access.json', JSON.stringify({ visibility: 'tenant' }));
    await pipeline.app.quiet();
    await write('mixed/file.txt', word());
    const changed = await eventually(async () => {
      const found = await documentAt('mixed/file.txt');
      return found?.liveVersion === 2 ? found : undefined;
    });
    expect(changed).toMatchObject({ access: restrictedTo([groupId]), accessSource: 'own' });

    const reset = await pipeline.keeper.must('PATCH', pathOf(document), { accessSource: 'folder' });
    expect(reset).toMatchObject({ accessSource: 'folder', access: { visibility: 'tenant' } });
  });

  it('has no word about uploads', async () => {
    const document = await pipeline.ready('An upload.');
    const { status } = await pipeline.keeper.call('PATCH', pathOf(document), { accessSource: 'folder' });
    expect(status).toBe(422);
  });
});
