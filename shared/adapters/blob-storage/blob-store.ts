import { buffer } from 'node:stream/consumers';
import type { BlockBlobClient } from '@azure/storage-blob';
import pLimit from 'p-limit';
import type { StorageConfig } from '../../config.ts';
import { AppError, isAppError } from '../../errors.ts';
import type { BlobStore, Container } from '../../knowledge/blob-store.ts';
import { storageCall } from '../azure-storage.ts';
import { blobService } from './blob-service.ts';
import { dispositionHeader, linkSigner } from './links.ts';
import { listBlobs, listFolders } from './list.ts';
import { readRange } from './read-range.ts';
import { tooLarge, uploadBounded } from './upload.ts';

/** Milliseconds: for moving whole files, and for whole folders. */
const TRANSFER_TIMEOUT = 5 * 60 * 1000;
const COPY_POLL_INTERVAL = 250;
const READ_RETRIES = 2;
const MAX_JSON_BYTES = 32 * 1024 * 1024;
const CONCURRENT_REMOVALS = 8;
const MAX_NAME_CHARACTERS = 1_024;

/** Files in Azure Blob Storage. */
export function createBlobStore(storage: StorageConfig): BlobStore {
  const service = blobService(storage);
  const sign = linkSigner(storage, service);

  async function blob(container: Container, name: string): Promise<BlockBlobClient> {
    assertName(name);
    return (await service()).getContainerClient(container).getBlockBlobClient(name);
  }

  const write: BlobStore['write'] = async (container, name, content, blobContentType) => {
    const client = await blob(container, name);
    const options = { blobHTTPHeaders: { blobContentType } };
    await storageCall(
      (abortSignal) => client.upload(content, content.byteLength, { ...options, abortSignal }),
      TRANSFER_TIMEOUT,
    );
  };

  return {
    async upload(container, name, content, maxBytes) {
      const client = await blob(container, name);
      return storageCall((signal) => uploadBounded(client, content, maxBytes, signal), TRANSFER_TIMEOUT);
    },

    write,
    writeJson: (container, name, value) =>
      write(container, name, Buffer.from(JSON.stringify(value)), 'application/json'),

    async readRange(container, name, from, maxBytes) {
      const client = await blob(container, name);
      return unlessMissing(() => readRange(client, from, maxBytes));
    },

    async readJson(container, name) {
      const client = await blob(container, name);
      const content = await unlessMissing(() => download(client, MAX_JSON_BYTES));
      return content && JSON.parse(content.toString());
    },

    async download(container, name, maxBytes) {
      return download(await blob(container, name), maxBytes);
    },

    async info(container, name) {
      const client = await blob(container, name);
      const found = await unlessMissing(() => storageCall((abortSignal) => client.getProperties({ abortSignal })));
      return (
        found && { etag: found.etag ?? '', size: found.contentLength ?? 0, contentType: found.contentType ?? null }
      );
    },

    async copy(from, to) {
      const source = await blob(from.container, from.name);
      await copy(source, from.etag, await blob(to.container, to.name));
    },

    async removePrefix(container, prefix) {
      assertName(prefix);
      const client = (await service()).getContainerClient(container);
      const limit = pLimit(CONCURRENT_REMOVALS);
      return storageCall(async (abortSignal) => {
        let removed = 0;
        for await (const page of client.listBlobsFlat({ prefix, abortSignal }).byPage()) {
          const names = page.segment.blobItems.map((item) => item.name);
          await limit.map(names, (name) => client.getBlobClient(name).deleteIfExists({ abortSignal }));
          removed += names.length;
        }
        return removed;
      }, TRANSFER_TIMEOUT);
    },

    async remove(container, name, etag) {
      const client = await blob(container, name);
      const conditions = etag === undefined ? {} : { ifMatch: etag };
      await storageCall((abortSignal) => client.deleteIfExists({ abortSignal, conditions })).catch((error: unknown) => {
        if (!isAppError(error, 'precondition_failed')) throw error;
      });
    },

    async list(container, prefix, page) {
      assertName(prefix);
      return listBlobs((await service()).getContainerClient(container), prefix, page);
    },

    async listFolders(container, prefix, page) {
      assertName(prefix);
      return listFolders((await service()).getContainerClient(container), prefix, page);
    },

    async readLink(container, name, { expiresAt, downloadName, contentType, disposition }) {
      const contentDisposition = dispositionHeader(disposition, downloadName);
      return sign(await blob(container, name), { permissions: 'r', expiresAt, contentDisposition, contentType });
    },

    async writeLink(container, name, { expiresAt }) {
      return sign(await blob(container, name), { permissions: 'cw', expiresAt });
    },
  };
}

/** An empty name would mean the whole container. */
function assertName(name: string): void {
  if (name.length > 0 && name.length <= MAX_NAME_CHARACTERS) return;
  throw new AppError('internal', `A blob's name must have 1 to ${MAX_NAME_CHARACTERS} characters.`);
}

function download(client: BlockBlobClient, maxBytes: number): Promise<Buffer> {
  return storageCall(async (abortSignal) => {
    const response = await client.download(0, undefined, { abortSignal, maxRetryRequests: READ_RETRIES });
    const body = response.readableStreamBody;
    if (!body) return Buffer.alloc(0);
    if ((response.contentLength ?? 0) <= maxBytes) return buffer(body);
    if ('destroy' in body && typeof body.destroy === 'function') body.destroy();
    throw tooLarge(maxBytes);
  }, TRANSFER_TIMEOUT);
}

async function copy(source: BlockBlobClient, etag: string, target: BlockBlobClient): Promise<void> {
  try {
    await storageCall(async (abortSignal) => {
      const options = { abortSignal, sourceConditions: { ifMatch: etag }, intervalInMs: COPY_POLL_INTERVAL };
      const poller = await target.beginCopyFromURL(source.url, options);
      await poller.pollUntilDone();
    }, TRANSFER_TIMEOUT);
  } catch (error) {
    if (!isAppError(error, 'not_found')) throw error;
    throw new AppError('precondition_failed', 'The file is gone.', { cause: error });
  }
}

function unlessMissing<T>(request: () => Promise<T>): Promise<T | null> {
  return request().catch((error: unknown) => {
    if (isAppError(error, 'not_found')) return null;
    throw error;
  });
}
