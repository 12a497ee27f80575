import type { BlobClient } from '@azure/storage-blob';
import type { RpcTypedData } from './core-types.ts';

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
  const properties = await blob.getProperties({ conditions });
  const { contentLength = 0 } = properties;
  if (contentLength > MAX_BLOB_BYTES) return 'too large';
  const bytes = contentLength === 0 ? new Uint8Array() : await blob.downloadToBuffer(0, contentLength, { conditions });
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
