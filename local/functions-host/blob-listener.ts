/**
 * Blob triggers by polling: the whole container is listed once an interval, so no event is lost, whatever `source` the
 * trigger declares. `source: 'EventGrid'` is polled all the same, because there is no Event Grid here. No blob trigger hears of
 * deletions; with `FUNCTIONS_BLOB_DELETION_QUEUE` the host sends their events to a queue, as a subscription would.
 */
import { resolveSettings } from './app-settings.ts';
import { type ReportDeletion, reportDeletionsTo } from './blob-deletions.ts';
import { compileBlobPath } from './blob-path.ts';
import { type BlobReceipts, loadBlobReceipts } from './blob-receipts.ts';
import { createBlobRunner, type FoundBlob } from './blob-runner.ts';
import { scanBlobs } from './blob-scan.ts';
import type { Binding } from './core-types.ts';
import type { BlobSettings } from './host-settings.ts';
import { type Listener, type ListenerContext, pause } from './listener.ts';
import { connectBlobs, storageStatus } from './storage-clients.ts';

/** Keeps listing a large container that does not change below a fifth of the time. */
const IDLE_PAUSE_FACTOR = 4;

export interface BlobListenerOptions extends ListenerContext {
  readonly trigger: Binding;
  readonly settings: BlobSettings;
  readonly pollingMilliseconds: number;
  /** The queue that is told of blobs that are gone; left out, nobody is. */
  readonly deletionQueue: string | undefined;
}

/** Runs a function once for each version (ETag) of each blob that matches its path. */
export function createBlobListener(options: BlobListenerOptions): Listener {
  const { functionName, log, settings, trigger, pollingMilliseconds } = options;
  const path = compileBlobPath(resolveSettings(String(trigger.path)));
  const connection = trigger.connection as string | undefined;
  const service = connectBlobs(connection);
  const container = service.getContainerClient(path.container);
  const runner = createBlobRunner({ ...options, ...settings, container, connection });
  const { deletionQueue } = options;
  const reportDeletion: ReportDeletion | undefined = deletionQueue
    ? reportDeletionsTo(deletionQueue, connection)
    : undefined;
  const running = new Map<string, Promise<void>>();
  const stopping = new AbortController();
  const { signal } = stopping;
  let polling: Promise<void> = Promise.resolve();

  const warn = (message: string) => log({ level: 'warning', category: 'Host.Blobs', function: functionName, message });

  async function begin(blob: FoundBlob, receipts: BlobReceipts): Promise<void> {
    if (running.size >= settings.maxDegreeOfParallelism) await Promise.race(running.values());
    if (signal.aborted) return;
    const work = runner
      .run(blob, receipts)
      .catch((error: unknown) => warn(`The blob '${blob.name}' could not be handled: ${String(error)}`))
      .finally(() => running.delete(blob.name));
    running.set(blob.name, work);
  }

  /** Returns how long to wait for the next scan, in milliseconds. */
  async function scan(receipts: BlobReceipts): Promise<number> {
    const started = performance.now();
    const begun = await scanBlobs({
      container,
      path,
      runner,
      receipts,
      isRunning: (name) => running.has(name),
      begin: (blob) => begin(blob, receipts),
      onGone: async (name) => reportDeletion?.(path.container, name),
      signal,
    });
    const idlePause = begun === 0 ? (performance.now() - started) * IDLE_PAUSE_FACTOR : 0;
    return Math.max(pollingMilliseconds, idlePause);
  }

  async function poll(): Promise<void> {
    let receipts: BlobReceipts | undefined;
    while (!signal.aborted) {
      let wait = pollingMilliseconds;
      try {
        receipts ??= await loadBlobReceipts(service, functionName, path.container);
        wait = await scan(receipts);
      } catch (error) {
        if (storageStatus(error) === 404) await container.createIfNotExists().catch(() => undefined);
        else warn(`The container '${path.container}' could not be scanned: ${String(error)}`);
      }
      await pause(wait, signal);
    }
  }

  return {
    async run(input) {
      const name = input.replace(/^\//, '').replace(`${path.container}/`, '');
      await runner.runByHand(name, path.match(name) ?? {});
    },
    async start() {
      polling = poll();
    },
    async stop() {
      stopping.abort();
      await polling;
      await Promise.all(running.values());
    },
  };
}
