import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { HOST_CONTAINER, hostId } from './host-storage.ts';
import { connectBlobs, storageStatus } from './storage-clients.ts';

/** When a timer has run and will run, as the real host keeps it in its container; ISO 8601 UTC. */
export interface TimerStatus {
  readonly Last: string;
  readonly Next: string;
  readonly LastUpdated: string;
}

/** Reads and writes one timer's status, so that a run missed while the host was down is found at its start. */
export interface TimerStatusStore {
  read(): Promise<TimerStatus | undefined>;
  write(status: TimerStatus): Promise<void>;
}

/** Keeps a timer's status in the account of the `AzureWebJobsStorage` setting. */
export function createTimerStatusStore(functionName: string): TimerStatusStore {
  const container = connectBlobs(undefined).getContainerClient(HOST_CONTAINER);
  const blob = container.getBlockBlobClient(`timers/${hostId()}/Host.Functions.${functionName}/status`);
  return {
    async read() {
      try {
        const { readableStreamBody } = await blob.download();
        const content = await buffer(readableStreamBody ?? Readable.from([]));
        return JSON.parse(content.toString()) as TimerStatus;
      } catch (error) {
        if (storageStatus(error) === 404) return undefined;
        throw error;
      }
    },
    async write(status) {
      await container.createIfNotExists();
      const content = JSON.stringify(status);
      await blob.upload(content, Buffer.byteLength(content));
    },
  };
}
