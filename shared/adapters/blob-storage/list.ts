import type { BlobItem, ContainerClient } from '@azure/storage-blob';
import type { ListedBlob, ListedPage, ListPage } from '../../knowledge/blob-store.ts';
import { storageCall } from '../azure-storage.ts';

/** Reads one page of blobs, in one request. */
export function listBlobs(
  container: ContainerClient,
  prefix: string,
  { limit, continuation }: ListPage,
): Promise<ListedPage<ListedBlob>> {
  return storageCall(async (abortSignal) => {
    const pages = container.listBlobsFlat({ prefix, abortSignal }).byPage(pageSettings(limit, continuation));
    const { value } = await pages.next();
    const items = (value?.segment.blobItems ?? []).map(
      ({ name, properties: { etag, contentLength = 0, contentType, lastModified } }: BlobItem): ListedBlob => ({
        name,
        etag: quoted(etag),
        size: contentLength,
        contentType: contentType ?? null,
        modifiedAt: lastModified,
      }),
    );
    return { items, continuation: value?.continuationToken || undefined };
  });
}

/** Reads one page of the names right below a prefix that have something below them, in one request. */
export function listFolders(
  container: ContainerClient,
  prefix: string,
  { limit, continuation }: ListPage,
): Promise<ListedPage<string>> {
  return storageCall(async (abortSignal) => {
    const pages = container.listBlobsByHierarchy('/', { prefix, abortSignal });
    const { value } = await pages.byPage(pageSettings(limit, continuation)).next();
    const items = (value?.segment.blobPrefixes ?? []).map(({ name }: { name: string }) => name);
    return { items, continuation: value?.continuationToken || undefined };
  });
}

const pageSettings = (maxPageSize: number, continuationToken: string | undefined) =>
  continuationToken === undefined ? { maxPageSize } : { maxPageSize, continuationToken };

/** A list names the tag without the quotes that it has as a header. */
const quoted = (etag: string) => (etag.startsWith('"') ? etag : `"${etag}"`);
