import { randomUUID } from 'node:crypto';
import { encodeMessage } from './queue-message.ts';
import { connectQueues } from './storage-clients.ts';

/** Tells of blobs that are gone. */
export type ReportDeletion = (container: string, name: string) => Promise<void>;

/**
 * What an Event Grid subscription for `Microsoft.Storage.BlobDeleted` with a storage queue does: one event in the queue for
 * each blob. Here a poll finds them, since there is no Event Grid; the queue must be there.
 */
export function reportDeletionsTo(queue: string, connection: string | undefined): ReportDeletion {
  const client = connectQueues(connection).getQueueClient(queue);
  return async (container, name) => {
    const event = {
      id: randomUUID(),
      topic: '/subscriptions/local/resourceGroups/local/providers/Microsoft.Storage/storageAccounts/local',
      subject: `/blobServices/default/containers/${container}/blobs/${name}`,
      eventType: 'Microsoft.Storage.BlobDeleted',
      eventTime: new Date().toISOString(),
      data: { api: 'DeleteBlob', blobType: 'BlockBlob' },
      dataVersion: '',
      metadataVersion: '1',
    };
    await client.sendMessage(encodeMessage(JSON.stringify(event), 'base64'));
  };
}
