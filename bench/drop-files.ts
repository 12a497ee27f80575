import { setTimeout as sleep } from 'node:timers/promises';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import type { PlatformClient } from '../local/platform-client.ts';
import { tenantIdOf } from '../local/seed.ts';
import type { Stack } from '../local/stack.ts';
import { INGESTION_QUEUES } from '../shared/adapters/storage-queue/ingestion-queues.ts';
import type { KnowledgeDocument } from '../shared/contracts/documents.ts';
import type { Page } from '../shared/contracts/paging.ts';

const DROPPED_AT_ONCE = 8;
const POLL_MILLISECONDS = 1000;
const QUEUES = INGESTION_QUEUES.flatMap((name) => [name, `${name}-poison`]);

interface DroppedFile {
  readonly name: string;
  readonly content: Uint8Array;
}

/** Writes files into the drop folder of a knowledge base, some at once. */
export async function dropFiles(stack: Stack, knowledgeBaseId: string, files: Iterable<DroppedFile>): Promise<void> {
  const container = BlobServiceClient.fromConnectionString(stack.env.PlatformStorage ?? '').getContainerClient('drop');
  const left = Iterator.from(files);
  const work = async () => {
    for (const { name, content } of left) {
      const blob = `${tenantIdOf('contoso')}/${knowledgeBaseId}/${name}`;
      await container.getBlockBlobClient(blob).uploadData(content);
    }
  };
  await Promise.all(Array.from({ length: DROPPED_AT_ONCE }, work));
}

/** Every document of a knowledge base. */
export async function listDocuments(client: PlatformClient, knowledgeBaseId: string): Promise<KnowledgeDocument[]> {
  const found: KnowledgeDocument[] = [];
  let continuation: string | null = '';
  while (continuation !== null) {
    const more: string = continuation && `&continuation=${continuation}`;
    const path = `/api/v1/knowledge-bases/${knowledgeBaseId}/documents?limit=100${more}`;
    const page: Page<KnowledgeDocument> = await client.must('GET', path);
    found.push(...page.items);
    continuation = page.continuation;
  }
  return found;
}

/** Waits until no message is left that could still change anything. */
export async function untilQuiet(stack: Stack): Promise<void> {
  const service = QueueServiceClient.fromConnectionString(stack.env.PlatformStorage ?? '');
  const countOf = async (name: string) => {
    const queue = service.getQueueClient(name);
    return (await queue.exists()) ? ((await queue.getProperties()).approximateMessagesCount ?? 0) : 0;
  };
  while ((await Promise.all(QUEUES.map(countOf))).some((count) => count > 0)) await sleep(POLL_MILLISECONDS);
}
