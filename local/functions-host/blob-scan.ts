import type { ContainerClient } from '@azure/storage-blob';
import type { BlobPath } from './blob-path.ts';
import { type BlobReceipts, receiptKey } from './blob-receipts.ts';
import type { BlobRunner, FoundBlob } from './blob-runner.ts';

const PAGE_SIZE = 500;

interface BlobScanOptions {
  readonly container: ContainerClient;
  readonly path: BlobPath;
  readonly runner: BlobRunner;
  readonly receipts: BlobReceipts;
  /** Says that a version is being run already. */
  readonly isRunning: (name: string) => boolean;
  readonly begin: (blob: FoundBlob) => Promise<void>;
  readonly onGone: (name: string) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Lists a container once and begins every version that has no receipt; returns how many it has begun. */
export async function scanBlobs(options: BlobScanOptions): Promise<number> {
  const { receipts, runner } = options;
  const seen = new Set<string>();
  let begun = 0;
  for await (const blob of listMatches(options.container, options.path)) {
    if (options.signal.aborted) return begun;
    seen.add(receiptKey(blob.name, blob.etag));
    if (options.isRunning(blob.name) || receipts.has(blob.name, blob.etag)) continue;
    await options.begin(blob);
    begun += 1;
  }
  runner.retain(seen);
  await receipts.retain(seen, options.onGone);
  return begun;
}

async function* listMatches(container: ContainerClient, path: BlobPath): AsyncGenerator<FoundBlob> {
  const pages = container.listBlobsFlat({ prefix: path.prefix }).byPage({ maxPageSize: PAGE_SIZE });
  for await (const page of pages) {
    for (const { name, properties } of page.segment.blobItems) {
      const parameters = path.match(name);
      if (parameters) yield { name, etag: properties.etag, parameters };
    }
  }
}
