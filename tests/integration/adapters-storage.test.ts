import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { AppendBlobClient, BlobClient, type BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Azurite, startAzurite } from '../../local/emulators/azurite.ts';
import { createBlobStore } from '../../shared/adapters/blob-storage/blob-store.ts';
import { ensureContainers } from '../../shared/adapters/blob-storage/containers.ts';
import { createBlobStorageDependency } from '../../shared/adapters/blob-storage/dependency.ts';
import { linkSigner } from '../../shared/adapters/blob-storage/links.ts';
import { createRunLog } from '../../shared/adapters/blob-storage/run-log.ts';
import { createStorageQueueDependency } from '../../shared/adapters/storage-queue/dependency.ts';
import { createIngestionQueues } from '../../shared/adapters/storage-queue/ingestion-queues.ts';
import type { RunLog } from '../../shared/chat/run-log.ts';
import type { BlobStore } from '../../shared/knowledge/blob-store.ts';
import { json, startScriptedServer } from './scripted-server.ts';

const stateDirectory = mkdtempSync(join(tmpdir(), 'azurite-'));
const MEGABYTE = 1024 * 1024;
const owner = { tenantId: 'ten_a', userId: 'user-1', sessionId: 'ses_1' };
let azurite: Azurite;
let storage: { connectionString: string };
let store: BlobStore;
let runs: RunLog;

beforeAll(async () => {
  azurite = await startAzurite({ blobPort: 0, queuePort: 0, tablePort: 0, stateDirectory });
  storage = { connectionString: azurite.connectionString };
  store = createBlobStore(storage);
  runs = createRunLog(storage);
});

afterAll(async () => {
  await azurite.stop();
  rmSync(stateDirectory, { recursive: true, force: true });
});

describe('storage that was not migrated', () => {
  it('says what to do, and is ready after the migration, which may run again', async () => {
    const early = store.writeJson('documents', 'early', 1);
    await expect(early).rejects.toMatchObject({
      code: 'dependency_unavailable',
      message: expect.stringContaining('migration'),
    });
    const health = [createBlobStorageDependency(storage), createStorageQueueDependency(storage)];
    for (const dependency of health) await expect(dependency.check(AbortSignal.timeout(5_000))).rejects.toThrow();
    const queues = createIngestionQueues(storage);
    for (let run = 0; run < 2; run++) {
      await ensureContainers(storage);
      await queues.ensureQueues();
    }
    for (const dependency of health) await dependency.check(AbortSignal.timeout(5_000));
  });
});

describe('files', () => {
  it('come back as they went in, also in several blocks', async () => {
    const content = randomBytes(9 * MEGABYTE);
    const uploaded = await store.upload('documents', 'a/large', Readable.from(slices(content)), 10 * MEGABYTE);
    expect(uploaded).toEqual(await store.info('documents', 'a/large'));
    expect(uploaded.size).toBe(content.length);
    expect((await store.download('documents', 'a/large', 10 * MEGABYTE)).equals(content)).toBe(true);
    await store.upload('documents', 'a/empty', Readable.from([]), 10);
    expect(await store.download('documents', 'a/empty', 10)).toHaveLength(0);
  });

  it('leave nothing behind when they are too large or their sender goes away', async () => {
    const large = store.upload('documents', 'b/large', Readable.from(slices(randomBytes(6 * MEGABYTE))), 5 * MEGABYTE);
    await expect(large).rejects.toMatchObject({ code: 'payload_too_large' });
    const cut = Readable.from(
      (async function* cut() {
        yield Buffer.from('start');
        throw new Error('the sender is gone');
      })(),
    );
    await expect(store.upload('documents', 'b/cut', cut, 100)).rejects.toThrow('the sender is gone');
    expect(await store.removePrefix('documents', 'b/')).toBe(0);
  });

  it('are refused before the download when they are larger than asked for', async () => {
    await store.writeJson('documents', 'c/numbers', Array(100).fill(1));
    await expect(store.download('documents', 'c/numbers', 50)).rejects.toMatchObject({ code: 'payload_too_large' });
    await expect(store.download('documents', 'c/none', 50)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('hold JSON, and null where there is none', async () => {
    await store.writeJson('documents', 'd/é 1.json', { text: 'größer' });
    expect(await store.readJson('documents', 'd/é 1.json')).toEqual({ text: 'größer' });
    expect(await store.readJson('documents', 'd/none')).toBeNull();
    expect(await store.info('documents', 'd/none')).toBeNull();
  });

  it('are copied only as long as they are what was meant', async () => {
    const source = { container: 'drop' as const, name: 'ten/kb/My report #1.pdf' };
    const target = { container: 'documents' as const, name: 'e/copy' };
    const { etag } = await store.upload('drop', source.name, Readable.from([Buffer.from('first')]), 100);
    await store.copy({ ...source, etag }, target);
    expect((await store.download('documents', 'e/copy', 100)).toString()).toBe('first');
    await store.upload('drop', source.name, Readable.from([Buffer.from('second')]), 100);
    const stale = store.copy({ ...source, etag }, target);
    await expect(stale).rejects.toMatchObject({ code: 'precondition_failed' });
    await store.remove('drop', source.name);
    await store.remove('drop', source.name);
    const gone = store.copy({ ...source, etag }, target);
    await expect(gone).rejects.toMatchObject({ code: 'precondition_failed' });
  });

  it('are removed by their prefix, and never all of them', async () => {
    for (const name of ['f/1', 'f/2', 'f/deep/3', 'f2/4']) await store.writeJson('documents', name, name);
    expect(await store.removePrefix('documents', 'f/')).toBe(3);
    expect(await store.readJson('documents', 'f2/4')).toBe('f2/4');
    await expect(store.removePrefix('documents', '')).rejects.toMatchObject({ code: 'internal' });
  });
});

describe('a link', () => {
  const soon = () => new Date(Date.now() + 60_000);

  it('lets its holder download one file under its name and type', async () => {
    await store.upload('documents', 'g/source', Readable.from([Buffer.from('%PDF-')]), 100);
    const downloadName = "Größe (1)'s.pdf";
    const options = { expiresAt: soon(), downloadName, contentType: 'application/pdf', disposition: 'inline' as const };
    const link = await store.readLink('documents', 'g/source', options);
    const response = await fetch(link);
    expect(await response.text()).toBe('%PDF-');
    expect(response.headers.get('content-type')).toBe('application/pdf');
    expect(response.headers.get('content-disposition')).toBe(
      `inline; filename="Gr__e (1)'s.pdf"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%281%29%27s.pdf`,
    );
    expect((await fetch(link, { method: 'DELETE' })).status).toBe(403);
    expect((await fetch(link.replace('g/source', 'g/other'))).status).toBe(403);
  });

  it('lets its holder write one file, and not read it', async () => {
    const link = await store.writeLink('documents', 'h/upload', { expiresAt: soon() });
    const headers = { 'x-ms-blob-type': 'BlockBlob', 'content-type': 'text/plain' };
    expect((await fetch(link, { method: 'PUT', headers, body: 'content' })).status).toBe(201);
    expect(await store.info('documents', 'h/upload')).toMatchObject({ size: 7, contentType: 'text/plain' });
    expect((await fetch(link)).status).toBe(403);
  });

  it('ends when it should', async () => {
    const link = await store.writeLink('documents', 'g/source', { expiresAt: new Date(Date.now() - 1_000) });
    expect((await fetch(link, { method: 'PUT', headers: { 'x-ms-blob-type': 'BlockBlob' }, body: 'x' })).status).toBe(
      403,
    );
  });
});

describe('a link of an account without keys', () => {
  const noKeys = { blobServiceUri: 'https://acme.blob.core.windows.net', queueServiceUri: '' };
  const blob = new BlobClient(`${noKeys.blobServiceUri}/documents/ten/kb/source`);
  const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000);

  function keyService() {
    const asked: Date[] = [];
    let failures = 0;
    const getUserDelegationKey = async (_start: Date, signedExpiresOn: Date) => {
      if (failures-- > 0) throw Object.assign(new Error('down'), { name: 'RestError', statusCode: 503 });
      asked.push(signedExpiresOn);
      const times = { signedStartsOn: new Date(), signedExpiresOn };
      return {
        ...times,
        signedObjectId: 'o',
        signedTenantId: 't',
        signedService: 'b',
        signedVersion: '1',
        value: 'a2V5',
      };
    };
    const service = async () => ({ getUserDelegationKey }) as unknown as BlobServiceClient;
    return { asked, sign: linkSigner(noKeys, service), fail: () => (failures = 1) };
  }

  it('is signed with a delegated key, over HTTPS only, from a little earlier on', async () => {
    const link = new URL(await keyService().sign(blob, { permissions: 'r', expiresAt: inHours(1) }));
    const { sp, spr, st, skoid } = Object.fromEntries(link.searchParams);
    expect({ sp, spr, skoid, path: link.pathname }).toEqual({
      sp: 'r',
      spr: 'https',
      skoid: 'o',
      path: '/documents/ten/kb/source',
    });
    expect(Date.parse(st ?? '')).toBeLessThan(Date.now() - 4 * 60_000);
  });

  it('shares its key with others until one outlives it, and asks again after a failure', async () => {
    const { asked, sign, fail } = keyService();
    fail();
    await expect(sign(blob, { permissions: 'r', expiresAt: inHours(1) })).rejects.toMatchObject({
      code: 'dependency_unavailable',
    });
    await Promise.all([1, 2, 3].map((hours) => sign(blob, { permissions: 'r', expiresAt: inHours(hours) })));
    expect(asked).toHaveLength(1);
    await sign(blob, { permissions: 'cw', expiresAt: inHours(24) });
    expect(asked).toHaveLength(2);
  });
});

describe("a run's log", () => {
  it('is read from any place while it is written', async () => {
    const writer = await runs.create('run_1', owner);
    expect(await runs.read('ten_a', 'run_1', 0)).toMatchObject({ entries: [], nextOffset: 0, stopRequested: false });
    const first = [{ id: 1, data: '{"text":"Grüße\\n"}' }];
    expect(await writer.append(first)).toBe(false);
    const begun = await runs.read('ten_a', 'run_1', 0);
    expect(begun).toMatchObject({ entries: first, modifiedAt: expect.any(Date) });
    expect(await runs.read('ten_a', 'run_1', begun.nextOffset)).toMatchObject({
      entries: [],
      nextOffset: begun.nextOffset,
    });
    const rest = [
      { id: 2, data: '{}' },
      { id: 3, data: '[DONE]' },
    ];
    await writer.append(rest);
    expect((await runs.read('ten_a', 'run_1', begun.nextOffset)).entries).toEqual(rest);
    expect((await runs.read('ten_a', 'run_1', 0)).entries).toEqual([...first, ...rest]);
  });

  it('knows its owner, only within the tenant, and begins once', async () => {
    await runs.create('run_2', owner);
    expect(await runs.owner('ten_a', 'run_2')).toEqual(owner);
    expect(await runs.owner('ten_b', 'run_2')).toBeNull();
    await expect(runs.create('run_2', owner)).rejects.toMatchObject({ code: 'conflict' });
    await expect(runs.read('ten_b', 'run_2', 0)).rejects.toMatchObject({ code: 'not_found' });
    await expect(runs.requestStop('ten_b', 'run_2')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('tells the writer to stop with its next append, and keeps what it appends from then on', async () => {
    const writer = await runs.create('run_3', owner);
    await writer.append([{ id: 1, data: 'a' }]);
    await runs.requestStop('ten_a', 'run_3');
    await runs.requestStop('ten_a', 'run_3');
    expect(await writer.append([{ id: 2, data: 'b' }])).toBe(true);
    expect(await writer.append([{ id: 3, data: 'c' }])).toBe(true);
    const { entries, stopRequested } = await runs.read('ten_a', 'run_3', 0);
    expect(entries.map((entry) => entry.id)).toEqual([1, 2, 3]);
    expect(stopRequested).toBe(true);
  });

  it('tells the writer to stop while there is nothing to append', async () => {
    const writer = await runs.create('run_4', owner);
    await writer.append([{ id: 1, data: 'a' }]);
    expect(await writer.touch()).toBe(false);
    await runs.requestStop('ten_a', 'run_4');
    expect(await writer.touch()).toBe(true);
    expect(await writer.append([{ id: 2, data: 'b' }])).toBe(true);
  });

  it('is kept fresh without an entry', async () => {
    const writer = await createRunLog(storage, { refreshAfter: 0 }).create('run_5', owner);
    expect(await writer.touch()).toBe(false);
    expect(await writer.append([{ id: 1, data: 'a' }])).toBe(false);
    await runs.requestStop('ten_a', 'run_5');
    expect(await writer.touch()).toBe(true);
    expect((await runs.read('ten_a', 'run_5', 0)).entries).toEqual([{ id: 1, data: 'a' }]);
  });

  it('holds an entry once when the answer to its append was lost', async () => {
    const writer = await runs.create('run_6', owner);
    const entry = { id: 1, data: 'a' };
    const line = `${JSON.stringify(entry)}\n`;
    // What the service did with an append whose answer never arrived; the SDK sends it again.
    await appendBlob('ten_a/run_6').appendBlock(line, line.length);
    expect(await writer.append([entry])).toBe(false);
    expect(await writer.append([{ id: 2, data: 'b' }])).toBe(false);
    expect((await runs.read('ten_a', 'run_6', 0)).entries.map(({ id }) => id)).toEqual([1, 2]);
  });

  it('leaves a torn line for the next read', async () => {
    await runs.create('run_7', owner);
    const torn = '{"id":1,"data":"a"}\n{"id":2,"da';
    await appendBlob('ten_a/run_7').appendBlock(torn, torn.length);
    const read = await runs.read('ten_a', 'run_7', 0);
    expect(read).toMatchObject({ entries: [{ id: 1, data: 'a' }], nextOffset: 20 });
    await appendBlob('ten_a/run_7').appendBlock('ta":"b"}\n', 9);
    expect((await runs.read('ten_a', 'run_7', read.nextOffset)).entries).toEqual([{ id: 2, data: 'b' }]);
  });
});

describe('queues', () => {
  it('carry messages in the base64 that the Functions host reads', async () => {
    const queues = createIngestionQueues(storage);
    const key = { tenantId: 'ten_a', knowledgeBaseId: 'kb_a', documentId: 'doc_ä' };
    await queues.documentChunk({ ...key, version: 1 });
    await queues.chunkEmbed(Array.from({ length: 20 }, (_, batch) => ({ ...key, version: 1, batch })));
    await queues.documentDelete(key);
    const client = QueueServiceClient.fromConnectionString(storage.connectionString);
    const receive = async (name: string) => {
      const received = await client.getQueueClient(name).receiveMessages({ numberOfMessages: 32 });
      return received.receivedMessageItems.map((item) =>
        JSON.parse(Buffer.from(item.messageText, 'base64').toString()),
      );
    };
    expect(await receive('document-chunk')).toEqual([{ ...key, version: 1 }]);
    expect(await receive('document-delete')).toEqual([key]);
    const batches = (await receive('chunk-embed')).map((message) => message.batch).sort((a, b) => a - b);
    expect(batches).toEqual(Array.from({ length: 20 }, (_, batch) => batch));
  });
});

describe('storage that is down', () => {
  it('is tried three times and named', async () => {
    const scripted = await startScriptedServer();
    const [key] = /AccountKey=[^;]+/.exec(storage.connectionString) ?? [];
    const connectionString = `DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;${key};BlobEndpoint=${scripted.url}/devstoreaccount1;`;
    scripted.answer(json(503, {}));
    const down = createBlobStore({ connectionString }).info('documents', 'a');
    await expect(down).rejects.toMatchObject({ code: 'dependency_unavailable', retryAfterSeconds: 5 });
    expect(scripted.requests).toHaveLength(3);
    await scripted.stop();
    const refused = createBlobStore({ connectionString }).info('documents', 'a');
    await expect(refused).rejects.toMatchObject({ code: 'dependency_unavailable' });
  });
});

function* slices(content: Buffer): Generator<Buffer> {
  for (let start = 0; start < content.length; start += 64 * 1024) yield content.subarray(start, start + 64 * 1024);
}

function appendBlob(name: string): AppendBlobClient {
  return new AppendBlobClient(storage.connectionString, 'runs', name);
}
