import { buffer } from 'node:stream/consumers';
import type { BlobClient } from '@azure/storage-blob';
import { AppError } from '../../errors.ts';
import { storageCall } from '../azure-storage.ts';

const READ_RETRIES = 2;
const RANGE_NOT_SATISFIABLE = 416;

export interface BlobRange {
  readonly content: Buffer;
  readonly modifiedAt: Date;
}

/** What a blob holds from an offset on, at most `maxBytes`; nothing past its end. */
export async function readRange(blob: BlobClient, from: number, maxBytes: number): Promise<BlobRange> {
  // One byte back, so that the range is never empty while a reader waits at the end: an empty one has no date.
  const overlap = from > 0 ? 1 : 0;
  try {
    return await storageCall(async (abortSignal) => {
      const options = { abortSignal, maxRetryRequests: READ_RETRIES };
      const response = await blob.download(from - overlap, maxBytes + overlap, options);
      const content = response.readableStreamBody ? await buffer(response.readableStreamBody) : Buffer.alloc(0);
      return { content: content.subarray(overlap), modifiedAt: response.lastModified ?? new Date() };
    });
  } catch (error) {
    const status = error instanceof AppError ? (error.cause as { statusCode?: number } | undefined)?.statusCode : 0;
    if (status !== RANGE_NOT_SATISFIABLE) throw error;
    const { lastModified } = await storageCall((abortSignal) => blob.getProperties({ abortSignal }));
    return { content: Buffer.alloc(0), modifiedAt: lastModified ?? new Date() };
  }
}
