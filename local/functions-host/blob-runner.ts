import { type BlobClient, type ContainerClient, RestError } from '@azure/storage-blob';
import { type BlobContent, downloadBlob } from './blob-content.ts';
import { type BlobReceipts, receiptKey } from './blob-receipts.ts';
import type { ListenerContext } from './listener.ts';
import { encodeMessage } from './queue-message.ts';
import { connectQueues } from './storage-clients.ts';

const POISON_QUEUE = 'webjobs-blobtrigger-poison';

/** One version of a blob that matches a trigger's path. */
export interface FoundBlob {
  readonly name: string;
  readonly etag: string;
  readonly parameters: Record<string, string>;
}

interface BlobRunnerOptions extends ListenerContext {
  readonly container: ContainerClient;
  readonly connection: string | undefined;
  /** After so many failures a version is reported to the poison queue and left. */
  readonly poisonBlobThreshold: number;
}

/** Runs a function for blobs, and counts each version's failures (in memory: a restart begins anew). */
export interface BlobRunner {
  /** Writes the receipt once the version is done with; without one, the next scan tries again. */
  run(blob: FoundBlob, receipts: BlobReceipts): Promise<void>;
  runByHand(name: string, parameters: Record<string, string>): Promise<void>;
  /** Forgets the failures of versions that are no more. */
  retain(seen: ReadonlySet<string>): void;
}

/** Makes the runner of one blob function. */
export function createBlobRunner(options: BlobRunnerOptions): BlobRunner {
  const { container, poisonBlobThreshold } = options;
  const failures = new Map<string, number>();
  return {
    async run(blob, receipts) {
      const content = await readVersion(container.getBlobClient(blob.name), blob.etag);
      // Changed or deleted since it was listed: the next scan finds what is there now.
      if (content === 'gone') return;
      const key = receiptKey(blob.name, blob.etag);
      if (content === 'too large') warn(options, `The blob '${blob.name}' is too large for this host and is skipped.`);
      else if (!(await invokeFound(options, blob, content))) {
        const failed = (failures.get(key) ?? 0) + 1;
        failures.set(key, failed);
        if (failed < poisonBlobThreshold) return;
        await reportPoison(options, blob, content.blobType);
      }
      await receipts.write(blob.name, blob.etag);
      failures.delete(key);
    },
    async runByHand(name, parameters) {
      const content = await downloadBlob(container.getBlobClient(name));
      if (content === 'too large') throw new Error(`The blob '${name}' is too large for this host.`);
      await invoke(options, content, 'This function was programmatically called via the host APIs.', parameters);
    },
    retain(seen) {
      for (const key of failures.keys()) if (!seen.has(key)) failures.delete(key);
    },
  };
}

async function invokeFound(options: BlobRunnerOptions, blob: FoundBlob, content: BlobContent): Promise<boolean> {
  const reason = `New blob detected(LogsAndContainerScan): ${options.container.containerName}/${blob.name}`;
  return invoke(options, content, reason, blob.parameters).then(
    () => true,
    () => false,
  );
}

async function invoke(
  { invoker, functionName }: BlobRunnerOptions,
  content: BlobContent,
  reason: string,
  parameters: Record<string, string>,
): Promise<void> {
  const named = Object.entries(parameters).map(([name, value]) => [name, { string: value }]);
  const triggerMetadata = { ...Object.fromEntries(named), ...content.metadata };
  await invoker.invoke({ functionName, reason, data: { bytes: content.bytes }, triggerMetadata });
}

async function reportPoison(options: BlobRunnerOptions, blob: FoundBlob, blobType: string): Promise<void> {
  warn(options, `The blob '${blob.name}' has failed too often. Reporting it to '${POISON_QUEUE}'.`);
  const queue = connectQueues(options.connection).getQueueClient(POISON_QUEUE);
  await queue.createIfNotExists();
  const message = {
    Type: 'BlobTrigger',
    FunctionId: `Host.Functions.${options.functionName}`,
    BlobType: blobType,
    ContainerName: options.container.containerName,
    BlobName: blob.name,
    ETag: blob.etag,
  };
  await queue.sendMessage(encodeMessage(JSON.stringify(message), 'base64'));
}

function warn({ log, functionName }: BlobRunnerOptions, message: string): void {
  log({ level: 'warning', category: 'Host.Blobs', function: functionName, message });
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
