import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startAzurite } from './fixtures/functions-host/start-azurite.ts';
import { type HostProcess, startHost } from './fixtures/functions-host/start-host.ts';

const APP = fileURLToPath(new URL('./fixtures/functions-host/streaming', import.meta.url));
const START_TIMEOUT = 20_000;

let azurite: Awaited<ReturnType<typeof startAzurite>>;
let host: HostProcess;
let environment: Record<string, string>;

const queue = (name = environment.WORK_QUEUE ?? '') =>
  QueueServiceClient.fromConnectionString(azurite.connectionString).getQueueClient(name);
const send = (entry: object) => queue().sendMessage(Buffer.from(JSON.stringify(entry)).toString('base64'));
const seen = (name: string) => host.lines.filter((line) => line.seen === name);
const runByHand = (name: string, input = '') =>
  fetch(`${host.url}/admin/functions/${name}`, { method: 'POST', body: JSON.stringify({ input }) });

beforeAll(async () => {
  azurite = await startAzurite();
}, START_TIMEOUT);
afterAll(() => azurite.stop());

beforeEach(async () => {
  const id = randomUUID();
  environment = {
    Storage: azurite.connectionString,
    AzureWebJobsStorage: azurite.connectionString,
    AzureFunctionsWebHost__hostid: id,
    WORK_QUEUE: `work-${id}`,
    DROP_CONTAINER: `drop-${id}`,
    YEARLY: '0 30 5 1 1 *',
    FUNCTIONS_BLOB_POLLING_MILLISECONDS: '50',
    'AzureWebJobs.every-second.Disabled': 'true',
    'AzureWebJobs.blob-poison.Disabled': 'true',
  };
  await BlobServiceClient.fromConnectionString(azurite.connectionString).createContainer(
    environment.DROP_CONTAINER ?? '',
  );
  host = await startHost(APP, environment);
});
afterEach(async () => {
  await host.end('SIGKILL');
});

describe('queue triggers', () => {
  it('run once for a message, with its JSON parsed and its metadata, and delete it', async () => {
    const { messageId } = await send({ id: 1 });
    const line = await host.next((it) => it.seen === 'work');
    expect(line.entry).toEqual({ id: 1 });
    expect(line.metadata).toMatchObject({ id: messageId, dequeueCount: 1, queueTrigger: { id: 1 } });
    expect(Date.parse(line.metadata.insertionTime)).toBeLessThan(Date.parse(line.metadata.expirationTime));
    await host.next((it) => it.function === 'work' && /^Executed/.test(it.message));
    await send({ id: 2 });
    await host.next((it) => it.entry?.id === 2);
    expect(seen('work')).toHaveLength(2);
  });

  it('try a failing message again, then move it to the poison queue', async () => {
    await send({ fail: true });
    const poison = await host.next((it) => it.seen === 'work-poison');
    expect(poison.entry).toEqual({ fail: true });
    expect(seen('work').map((line) => line.metadata.dequeueCount)).toEqual([1, 2]);
  });

  it('move a message that is not base64 to the poison queue unseen', async () => {
    await queue().sendMessage('{"plain": true}');
    const poison = await host.next((it) => it.seen === 'work-poison');
    expect(poison.entry).toEqual({ plain: true });
    expect(seen('work')).toHaveLength(0);
  });

  it('run a message again when the host was killed while it ran', async () => {
    await host.end('SIGKILL');
    environment.FUNCTIONS_MESSAGE_LEASE_SECONDS = '1';
    host = await startHost(APP, environment);
    await send({ hangFirst: true });
    await host.next((it) => it.seen === 'work');
    await host.end('SIGKILL');
    host = await startHost(APP, environment);
    const line = await host.next((it) => it.seen === 'work');
    expect(line.metadata.dequeueCount).toBe(2);
  });

  it('give an unfinished message back at once when the host stops', { timeout: START_TIMEOUT }, async () => {
    await send({ hangFirst: true });
    await host.next((it) => it.seen === 'work');
    expect(await host.end('SIGTERM')).toBe(0);
    host = await startHost(APP, environment);
    const line = await host.next((it) => it.seen === 'work');
    expect(line.metadata.dequeueCount).toBe(2);
  });
});

describe('blob triggers', () => {
  const upload = async (name: string, text: string) => {
    const service = BlobServiceClient.fromConnectionString(azurite.connectionString);
    const blob = service.getContainerClient(environment.DROP_CONTAINER ?? '').getBlockBlobClient(name);
    await blob.upload(text, Buffer.byteLength(text), { metadata: { owner: 'ada' } });
  };
  const dropped = (text: string) => host.next((it) => it.seen === 'dropped' && it.text === text);

  it('run for a matching blob with its path’s parts and its properties', async () => {
    await upload('elsewhere/a.txt', 'outside');
    await upload('in/one/two/report.final.pdf', 'content');
    const { metadata } = await dropped('content');
    expect(metadata).toMatchObject({
      blobTrigger: `${environment.DROP_CONTAINER}/in/one/two/report.final.pdf`,
      folder: 'one/two',
      name: 'report.final',
      extension: 'pdf',
      metadata: { owner: 'ada' },
      properties: { contentLength: 7 },
    });
    expect(seen('dropped')).toHaveLength(1);
  });

  it('run once for each version of a blob, also after the host has started again', async () => {
    await upload('in/a/a.txt', 'version 1');
    await dropped('version 1');
    await upload('in/a/a.txt', 'version 2');
    await dropped('version 2');
    await upload('in/b/b.txt', 'other');
    await dropped('other');
    expect(seen('dropped')).toHaveLength(3);
    expect(await host.end('SIGTERM')).toBe(0);
    host = await startHost(APP, environment);
    await upload('in/z/z.txt', 'last in the listing');
    await dropped('last in the listing');
    expect(seen('dropped')).toHaveLength(1);
  });

  it('send an event for a blob that is gone to the queue of a setting, also for one that went meanwhile', async () => {
    const { WORK_QUEUE = '', DROP_CONTAINER = '' } = environment;
    const container = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient(
      DROP_CONTAINER,
    );
    const deleted = (name: string) => host.next((it) => it.seen === 'work' && it.entry?.subject?.endsWith(name));
    await host.end('SIGKILL');
    host = await startHost(APP, { ...environment, FUNCTIONS_BLOB_DELETION_QUEUE: WORK_QUEUE });
    for (const name of ['one', 'two', 'kept']) await upload(`in/a/${name}.txt`, name);
    await Promise.all(['one', 'two', 'kept'].map(dropped));
    await container.deleteBlob('in/a/one.txt');
    const { entry } = await deleted('one.txt');
    expect(entry).toMatchObject({
      eventType: 'Microsoft.Storage.BlobDeleted',
      subject: `/blobServices/default/containers/${DROP_CONTAINER}/blobs/in/a/one.txt`,
    });
    await host.end('SIGTERM');
    await container.deleteBlob('in/a/two.txt');
    await upload('in/a/kept.txt', 'changed, not gone');
    host = await startHost(APP, { ...environment, FUNCTIONS_BLOB_DELETION_QUEUE: WORK_QUEUE });
    await deleted('two.txt');
    expect(seen('work')).toHaveLength(1);
  });

  it('report a blob that keeps failing to the poison queue, and leave it', async () => {
    await host.end('SIGKILL');
    host = await startHost(APP, { ...environment, 'AzureWebJobs.blob-poison.Disabled': '' });
    await upload('in/a/bad.txt', 'fail');
    const { entry } = await host.next((it) => it.seen === 'blob-poison');
    expect(entry).toMatchObject({
      FunctionId: 'Host.Functions.dropped',
      ContainerName: environment.DROP_CONTAINER,
      BlobName: 'in/a/bad.txt',
    });
    expect(seen('dropped')).toHaveLength(2);
  });
});

describe('timers', () => {
  it('run by hand, with the timer’s state and the hooks around it', async () => {
    const answer = await runByHand('yearly');
    expect(answer.status).toBe(202);
    const { timer } = await host.next((it) => it.seen === 'yearly');
    expect(timer).toMatchObject({ isPastDue: false, schedule: { adjustForDST: true } });
    expect(timer.scheduleStatus.next).toMatch(/-01-01T05:30:00\.000Z$/);
    expect(await host.next((it) => it.seen === 'post-invocation')).toMatchObject({ data: { started: true } });
  });

  it('run by their schedule, and at start when they say so', async () => {
    await host.next((it) => it.seen === 'at-start');
    await host.end('SIGKILL');
    host = await startHost(APP, { ...environment, 'AzureWebJobs.every-second.Disabled': '' });
    await host.next((it) => it.seen === 'every-second');
  });

  it('run at once when a run was missed', async () => {
    const status = {
      Last: '2020-01-01T05:30:00.000Z',
      Next: '2021-01-01T05:30:00.000Z',
      LastUpdated: '2020-01-01T05:30:00.000Z',
    };
    await host.end('SIGKILL');
    await BlobServiceClient.fromConnectionString(azurite.connectionString)
      .getContainerClient('azure-webjobs-hosts')
      .getBlockBlobClient(`timers/${environment.AzureFunctionsWebHost__hostid}/Host.Functions.yearly/status`)
      .upload(JSON.stringify(status), JSON.stringify(status).length);
    host = await startHost(APP, environment);
    const { timer } = await host.next((it) => it.seen === 'yearly');
    expect(timer).toMatchObject({ isPastDue: true, scheduleStatus: { next: status.Next } });
  });
});

describe('functions run by hand', () => {
  it('take the input that is given', async () => {
    expect((await runByHand('work', '{"by":"hand"}')).status).toBe(202);
    expect((await host.next((it) => it.seen === 'work')).entry).toEqual({ by: 'hand' });
  });

  it('are refused when they are HTTP functions, and not found when they do not exist', async () => {
    expect((await runByHand('slow')).status).toBe(400);
    expect((await runByHand('nobody')).status).toBe(404);
  });
});
