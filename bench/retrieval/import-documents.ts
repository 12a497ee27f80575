import { setTimeout as sleep } from 'node:timers/promises';
import { BlobServiceClient } from '@azure/storage-blob';
import type { PlatformClient } from '../../local/platform-client.ts';
import { tenantIdOf } from '../../local/seed.ts';
import type { Stack } from '../../local/stack.ts';
import type { KnowledgeDocument } from '../../shared/contracts/documents.ts';
import type { Page } from '../../shared/contracts/paging.ts';
import type { DataSet } from './beir.ts';

const DROPPED_AT_ONCE = 8;
const POLL_MILLISECONDS = 3_000;

/** Drops the documents of a data set into a knowledge base and waits until all of them are ready. Seconds. */
export async function importDocuments(
  { env }: Stack,
  client: PlatformClient,
  knowledgeBaseId: string,
  { name, documents }: DataSet,
): Promise<number> {
  const container = BlobServiceClient.fromConnectionString(env.PlatformStorage ?? '').getContainerClient('drop');
  const startedAt = performance.now();
  const left = [...documents];
  const work = async () => {
    for (let next = left.shift(); next; next = left.shift()) {
      const content = Buffer.from(next.title === '' ? next.text : `${next.title}\n\n${next.text}`);
      const blob = `${tenantIdOf('contoso')}/${knowledgeBaseId}/${fileName(next.id)}`;
      await container.getBlockBlobClient(blob).uploadData(content);
    }
  };
  await Promise.all(Array.from({ length: DROPPED_AT_ONCE }, work));
  for (let ready = 0; ready < documents.length; ) {
    await sleep(POLL_MILLISECONDS);
    ready = await countReady(client, knowledgeBaseId);
    console.log(`${name}: ${ready} of ${documents.length} documents are ready`);
  }
  return (performance.now() - startedAt) / 1_000;
}

/** An id may hold what no name of a file can. */
const fileName = (id: string) => `${Buffer.from(id).toString('base64url')}.txt`;

/** The id of a data set's document by the name that it has here. */
export const idOf = (documentName: string) =>
  Buffer.from(documentName.slice(0, -'.txt'.length), 'base64url').toString();

async function countReady(client: PlatformClient, knowledgeBaseId: string): Promise<number> {
  let ready = 0;
  let continuation: string | null = '';
  while (continuation !== null) {
    const more: string = continuation && `&continuation=${continuation}`;
    const path = `/api/v1/knowledge-bases/${knowledgeBaseId}/documents?limit=100${more}`;
    const page: Page<KnowledgeDocument> = await client.must('GET', path);
    const failed = page.items.find(({ status }) => status === 'failed' || status === 'held');
    if (failed) throw new Error(`${idOf(failed.name)} is ${failed.status}: ${failed.error?.reason}`);
    ready += page.items.filter(({ status }) => status === 'ready').length;
    continuation = page.continuation;
  }
  return ready;
}
