import { buffer } from 'node:stream/consumers';
import type { BlobClient } from '@azure/storage-blob';
import { AppError } from '../../errors.ts';
import { storageCall } from '../azure-storage.ts';

const READ_RETRIES = 2;
const RANGE_NOT_SATISFIABLE = 416;

export interface BlobRange {
  readonly content: Buffer;
  /** Bytes of the whole blob. */
  readonly size: number;
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
      return {
        content: content.subarray(overlap),
        size: sizeOf(response.contentRange) ?? response.contentLength ?? 0,
        modifiedAt: response.lastModified ?? new Date(),
      };
    });
  } catch (error) {
    const status = error instanceof AppError ? (error.cause as { statusCode?: number } | undefined)?.statusCode : 0;
    if (status !== RANGE_NOT_SATISFIABLE) throw error;
    const { contentLength, lastModified } = await storageCall((abortSignal) => blob.getProperties({ abortSignal }));
    return { content: Buffer.alloc(0), size: contentLength ?? 0, modifiedAt: lastModified ?? new Date() };
  }
}

/** The end of a header such as `bytes 0-9/100`. */
function sizeOf(contentRange: string | undefined): number | undefined {
  const [, size] = /\/(\d+)$/.exec(contentRange ?? '') ?? [];
  return size === undefined ? undefined : Number(size);
}
