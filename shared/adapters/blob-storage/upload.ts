import { pipeline, type Readable, Transform } from 'node:stream';
import type { BlockBlobClient } from '@azure/storage-blob';
import { AppError } from '../../errors.ts';
import type { BlobInfo } from '../../knowledge/blob-store.ts';

const BUFFER_BYTES = 4 * 1024 * 1024;
const BUFFERS = 2;
const MEGABYTE = 1024 * 1024;
const DEFAULT_CONTENT_TYPE = 'application/octet-stream';

/** Streams a blob in blocks that become visible together at the end. @throws AppError `payload_too_large`. */
export async function uploadBounded(
  blob: BlockBlobClient,
  content: Readable,
  maxBytes: number,
  abortSignal: AbortSignal,
): Promise<BlobInfo> {
  let size = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      done(size > maxBytes ? tooLarge(maxBytes) : null, chunk);
    },
  });
  let failure: Error | null | undefined;
  pipeline(content, counted, (error) => {
    failure = error;
  });
  try {
    const options = { abortSignal, blobHTTPHeaders: { blobContentType: DEFAULT_CONTENT_TYPE } };
    const { etag } = await blob.uploadStream(counted, BUFFER_BYTES, BUFFERS, options);
    return { etag: etag ?? '', size, contentType: DEFAULT_CONTENT_TYPE };
  } catch (error) {
    counted.destroy();
    throw failure ?? error;
  }
}

export function tooLarge(maxBytes: number): AppError {
  const megabytes = Math.floor((maxBytes / MEGABYTE) * 10) / 10;
  return new AppError('payload_too_large', `The file is larger than the limit of ${megabytes} MB.`, {
    details: { maxBytes },
  });
}
