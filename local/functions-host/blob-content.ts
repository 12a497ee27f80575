import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { BlobClient } from '@azure/storage-blob';
import type { RpcTypedData } from './core-types.ts';

/** How often a download that breaks is taken up again where it broke. */
const MAX_RESUMPTIONS = 3;
const MAX_BLOB_BYTES = 256 * 1024 * 1024;

/** A blob as a function receives it. */
export interface BlobContent {
  readonly bytes: Uint8Array;
  readonly blobType: string;
  readonly metadata: Record<string, RpcTypedData>;
}

/** Downloads a blob whole, with what the real host says beside it; with an ETag, that version or an error (412). */
export async function downloadBlob(blob: BlobClient, etag?: string): Promise<BlobContent | 'too large'> {
  const conditions = etag === undefined ? {} : { ifMatch: etag };
  const properties = await blob.download(0, undefined, { conditions, maxRetryRequests: MAX_RESUMPTIONS });
  const { contentLength = 0, readableStreamBody } = properties;
  const body = Readable.from(readableStreamBody ?? []);
  if (contentLength > MAX_BLOB_BYTES) {
    body.destroy();
    return 'too large';
  }
  const bytes = await buffer(body);
  return {
    bytes,
    blobType: properties.blobType ?? 'BlockBlob',
    metadata: {
      BlobTrigger: { string: `${blob.containerName}/${blob.name}` },
      Uri: { json: JSON.stringify(withoutQuery(blob.url)) },
      Metadata: { json: JSON.stringify(properties.metadata ?? {}) },
      Properties: {
        json: JSON.stringify({
          BlobType: properties.blobType,
          ContentLength: contentLength,
          ContentType: properties.contentType,
          ContentEncoding: properties.contentEncoding,
          ETag: properties.etag,
          CreatedOn: properties.createdOn,
          LastModified: properties.lastModified,
        }),
      },
    },
  };
}

function withoutQuery(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
