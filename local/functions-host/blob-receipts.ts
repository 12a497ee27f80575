import type { BlobServiceClient, ContainerClient } from '@azure/storage-blob';
import { HOST_CONTAINER, hostId } from './host-storage.ts';

/** Remembers, across restarts, which versions of which blobs a function has been run for. */
export interface BlobReceipts {
  has(name: string, etag: string): boolean;
  /** Call it once the version is done with. */
  write(name: string, etag: string): Promise<void>;
  /**
   * Forgets the versions that a whole scan has not met, since nothing can name them any more. Says first, by its name, of
   * which blob there is no other version.
   */
  retain(seen: ReadonlySet<string>, onGone: (name: string) => Promise<void>): Promise<void>;
}

/** One key per version of a blob. */
export function receiptKey(name: string, etag: string): string {
  return `${etag.replaceAll('"', '')}/${name}`;
}

const nameIn = (key: string) => key.slice(key.indexOf('/') + 1);

/** Reads a function's receipts of one container into memory; they are blobs of the host's own container. */
export async function loadBlobReceipts(
  service: BlobServiceClient,
  functionName: string,
  container: string,
): Promise<BlobReceipts> {
  const store: ContainerClient = service.getContainerClient(HOST_CONTAINER);
  await store.createIfNotExists();
  const folder = `blobreceipts/${hostId()}/Host.Functions.${functionName}/${container}/`;
  const known = new Set<string>();
  for await (const receipt of store.listBlobsFlat({ prefix: folder })) known.add(receipt.name.slice(folder.length));
  return {
    has: (name, etag) => known.has(receiptKey(name, etag)),
    async write(name, etag) {
      const key = receiptKey(name, etag);
      await store.getBlockBlobClient(folder + key).upload('', 0);
      known.add(key);
    },
    async retain(seen, onGone) {
      const past = [...known].filter((key) => !seen.has(key));
      const names = new Set(past.length > 0 ? Array.from(seen, nameIn) : []);
      for (const key of past) {
        if (!names.has(nameIn(key))) await onGone(nameIn(key));
        await store.getBlobClient(folder + key).deleteIfExists();
        known.delete(key);
      }
    },
  };
}
