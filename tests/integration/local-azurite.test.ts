import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlobSASPermissions, BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Azurite, startAzurite } from '../../local/emulators/azurite.ts';

const stateDirectory = mkdtempSync(join(tmpdir(), 'azurite-'));
let azurite: Azurite;

function start(): Promise<Azurite> {
  return startAzurite({ blobPort: 0, queuePort: 0, tablePort: 0, stateDirectory });
}

beforeAll(async () => {
  azurite = await start();
});

afterAll(async () => {
  await azurite.stop();
  rmSync(stateDirectory, { recursive: true, force: true });
});

function containers(): BlobServiceClient {
  return BlobServiceClient.fromConnectionString(azurite.connectionString);
}

function queues(): QueueServiceClient {
  return QueueServiceClient.fromConnectionString(azurite.connectionString);
}

it('appends only at the expected position, so that one of two writers wins', async () => {
  const container = containers().getContainerClient('runs');
  await container.createIfNotExists();
  const blob = container.getAppendBlobClient('tenant/run_1');
  await blob.createIfNotExists();
  await blob.appendBlock('one\n', 4, { conditions: { appendPosition: 0 } });
  const late = blob.appendBlock('two\n', 4, { conditions: { appendPosition: 0 } });
  await expect(late).rejects.toMatchObject({ statusCode: 412 });
  expect((await blob.downloadToBuffer()).toString()).toBe('one\n');
});

it('opens a blob to who has a signed URL, until it expires', async () => {
  const container = containers().getContainerClient('documents');
  await container.createIfNotExists();
  const blob = container.getBlockBlobClient('tenant/a file.txt');
  await blob.upload('text', 4);
  const sign = (milliseconds: number) =>
    blob.generateSasUrl({
      permissions: BlobSASPermissions.parse('r'),
      startsOn: new Date(Date.now() - 600_000),
      expiresOn: new Date(Date.now() + milliseconds),
    });
  expect(await (await fetch(await sign(60_000))).text()).toBe('text');
  expect((await fetch(await sign(-60_000))).status).toBe(403);
  expect((await fetch(blob.url)).ok).toBe(false);
});

it('hides a received message until it is given back', async () => {
  const queue = queues().getQueueClient('work');
  await queue.createIfNotExists();
  await queue.sendMessage('aGVsbG8=');
  const [message] = (await queue.receiveMessages({ visibilityTimeout: 30 })).receivedMessageItems;
  expect(message).toMatchObject({ messageText: 'aGVsbG8=', dequeueCount: 1 });
  expect((await queue.receiveMessages()).receivedMessageItems).toEqual([]);
  await queue.updateMessage(message?.messageId ?? '', message?.popReceipt ?? '', undefined, 0);
  const [again] = (await queue.receiveMessages()).receivedMessageItems;
  expect(again?.dequeueCount).toBe(2);
  await queue.deleteMessage(again?.messageId ?? '', again?.popReceipt ?? '');
});

it('keeps blobs and messages over a stop', async () => {
  const container = containers().getContainerClient('kept');
  await container.create();
  await container.getBlockBlobClient('blob').upload('kept', 4);
  await queues().createQueue('kept');
  await queues().getQueueClient('kept').sendMessage('message');
  await azurite.stop();
  azurite = await start();
  const blob = await containers().getContainerClient('kept').getBlockBlobClient('blob').downloadToBuffer();
  expect(blob.toString()).toBe('kept');
  const [message] = (await queues().getQueueClient('kept').receiveMessages()).receivedMessageItems;
  expect(message?.messageText).toBe('message');
});
