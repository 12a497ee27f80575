/**
 * Blob triggers by polling: the whole container is listed once an interval, so no event is lost, whatever `source` the
 * trigger declares. `source: 'EventGrid'` is polled all the same, because there is no Event Grid here.
 */
import { type BlobClient, type ContainerClient, RestError } from '@azure/storage-blob';
import { resolveSettings } from './app-settings.ts';
import { type BlobContent, downloadBlob } from './blob-content.ts';
import { type BlobPath, compileBlobPath } from './blob-path.ts';
import { type BlobReceipts, loadBlobReceipts, receiptKey } from './blob-receipts.ts';
import type { Binding } from './core-types.ts';
import type { BlobSettings } from './host-settings.ts';
import { type Listener, type ListenerContext, pause } from './listener.ts';
import { encodeMessage } from './queue-message.ts';
import { connectBlobs, connectQueues, storageStatus } from './storage-clients.ts';

const POISON_QUEUE = 'webjobs-blobtrigger-poison';
const PAGE_SIZE = 5000;

export interface BlobListenerOptions extends ListenerContext {
  readonly trigger: Binding;
  readonly settings: BlobSettings;
  readonly pollingMilliseconds: number;
}

interface FoundBlob {
  readonly name: string;
  readonly etag: string;
  readonly parameters: Record<string, string>;
}

/** Runs a function once for each version (ETag) of each blob that matches its path. */
export function createBlobListener(options: BlobListenerOptions): Listener {
  const { functionName, invoker, log, settings, trigger } = options;
  const path = compileBlobPath(resolveSettings(String(trigger.path)));
  const connection = trigger.connection as string | undefined;
  const service = connectBlobs(connection);
  const container = service.getContainerClient(path.container);
  const failures = new Map<string, number>();
  const running = new Map<string, Promise<void>>();
  const stopping = new AbortController();
  let polling: Promise<void> = Promise.resolve();

  const warn = (message: string) => log({ level: 'warning', category: 'Host.Blobs', function: functionName, message });

  async function invoke(content: BlobContent, reason: string, parameters: Record<string, string>): Promise<void> {
    const named = Object.entries(parameters).map(([name, value]) => [name, { string: value }]);
    const triggerMetadata = { ...Object.fromEntries(named), ...content.metadata };
    await invoker.invoke({ functionName, reason, data: { bytes: content.bytes }, triggerMetadata });
  }

  async function process(blob: FoundBlob, receipts: BlobReceipts): Promise<void> {
    const content = await readVersion(container.getBlobClient(blob.name), blob.etag);
    // Changed or deleted since it was listed: the next scan finds what is there now.
    if (content === 'gone') return;
    if (content === 'too large') {
      warn(`The blob '${blob.name}' is over the size limit of this host and is skipped.`);
      return receipts.write(blob.name, blob.etag);
    }
    const key = receiptKey(blob.name, blob.etag);
    const reason = `New blob detected(LogsAndContainerScan): ${path.container}/${blob.name}`;
    const succeeded = await invoke(content, reason, blob.parameters).then(
      () => true,
      () => false,
    );
    const failed = succeeded ? 0 : (failures.get(key) ?? 0) + 1;
    if (!succeeded && failed < settings.poisonBlobThreshold) {
      failures.set(key, failed);
      return;
    }
    if (!succeeded) await reportPoison(blob, content.blobType);
    await receipts.write(blob.name, blob.etag);
    failures.delete(key);
  }

  async function reportPoison(blob: FoundBlob, blobType: string): Promise<void> {
    warn(
      `The blob '${blob.name}' has failed ${settings.poisonBlobThreshold} times. Reporting it to '${POISON_QUEUE}'.`,
    );
    const queue = connectQueues(connection).getQueueClient(POISON_QUEUE);
    await queue.createIfNotExists();
    const message = {
      Type: 'BlobTrigger',
      FunctionId: `Host.Functions.${functionName}`,
      BlobType: blobType,
      ContainerName: path.container,
      BlobName: blob.name,
      ETag: blob.etag,
    };
    await queue.sendMessage(encodeMessage(JSON.stringify(message), 'base64'));
  }

  async function begin(blob: FoundBlob, receipts: BlobReceipts): Promise<void> {
    if (running.size >= settings.maxDegreeOfParallelism) await Promise.race(running.values());
    if (stopping.signal.aborted) return;
    const work = process(blob, receipts)
      .catch((error: unknown) => warn(`The blob '${blob.name}' could not be handled: ${String(error)}`))
      .finally(() => running.delete(blob.name));
    running.set(blob.name, work);
  }

  async function scan(receipts: BlobReceipts): Promise<void> {
    const seen = new Set<string>();
    for await (const blob of listMatches(container, path)) {
      if (stopping.signal.aborted) return;
      seen.add(receiptKey(blob.name, blob.etag));
      if (!running.has(blob.name) && !receipts.has(blob.name, blob.etag)) await begin(blob, receipts);
    }
    for (const key of failures.keys()) if (!seen.has(key)) failures.delete(key);
    await receipts.retain(seen);
  }

  async function poll(): Promise<void> {
    let receipts: BlobReceipts | undefined;
    while (!stopping.signal.aborted) {
      try {
        receipts ??= await loadBlobReceipts(service, functionName, path.container);
        await scan(receipts);
      } catch (error) {
        if (storageStatus(error) === 404) await container.createIfNotExists().catch(() => undefined);
        else warn(`The container '${path.container}' could not be scanned: ${String(error)}`);
      }
      await pause(options.pollingMilliseconds, stopping.signal);
    }
  }

  return {
    async run(input) {
      const name = input.replace(/^\//, '').replace(`${path.container}/`, '');
      const content = await downloadBlob(container.getBlobClient(name));
      if (content === 'too large') throw new Error(`The blob '${name}' is over the size limit of this host.`);
      await invoke(content, 'This function was programmatically called via the host APIs.', path.match(name) ?? {});
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

async function* listMatches(container: ContainerClient, path: BlobPath): AsyncGenerator<FoundBlob> {
  const pages = container.listBlobsFlat({ prefix: path.prefix }).byPage({ maxPageSize: PAGE_SIZE });
  for await (const page of pages) {
    for (const { name, properties } of page.segment.blobItems) {
      const parameters = path.match(name);
      if (parameters) yield { name, etag: properties.etag, parameters };
    }
  }
}

async function readVersion(blob: BlobClient, etag: string): Promise<BlobContent | 'too large' | 'gone'> {
  try {
    return await downloadBlob(blob, etag);
  } catch (error) {
    const isGone = error instanceof RestError && (error.statusCode === 404 || error.statusCode === 412);
    if (isGone) return 'gone';
    throw error;
  }
}
