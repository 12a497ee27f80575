import { randomUUID } from 'node:crypto';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { createDocumentRepository } from '../../../shared/adapters/cosmos/document-repository.ts';
import type { DocumentKey, StoredDocument } from '../../../shared/knowledge/document-repository.ts';
import { cosmos, stack } from './platform.ts';

export interface StoredVector {
  readonly version: number;
  readonly index: number;
  readonly live: boolean;
  readonly grants: readonly string[];
}

/** The stores behind the app, to look at what is left there and to deliver what a queue would deliver. */
export interface Stores {
  /** Every vector of a document, of whichever version, with the model of the stack or another. */
  vectors(key: DocumentKey, model?: string): Promise<StoredVector[]>;
  /** Names of blobs, in order. */
  blobs(container: 'documents' | 'drop', prefix: string): Promise<string[]>;
  /** Writes a blob of the given container; into `drop`, as a tenant's own process would. */
  write(container: 'documents' | 'drop', name: string, content: string | Uint8Array): Promise<void>;
  /** Removes a blob, as a tenant's own process would. */
  unlink(container: 'documents' | 'drop', name: string): Promise<void>;
  send(queue: string, ...messages: unknown[]): Promise<void>;
  /** Sends a text as it is, without the base64 that the host expects. */
  sendPlain(queue: string, text: string): Promise<void>;
  /** How many messages a queue holds, hidden ones included. */
  waiting(queue: string): Promise<number>;
  document(key: DocumentKey): Promise<StoredDocument | undefined>;
  /** Puts a document into a state as a crash would leave it. */
  rewind(key: DocumentKey, change: Partial<StoredDocument>): Promise<void>;
  /** Loses the record of a document, and nothing else. */
  forget(key: DocumentKey): Promise<void>;
  /** Takes fields from the chunks of a document, as they were before those were known. */
  forgetFields(key: DocumentKey, fields: readonly string[]): Promise<void>;
}

const MODEL = stack.env.AZURE_OPENAI_EMBEDDING_DEPLOYMENT;
const repository = createDocumentRepository(cosmos);

/** The key of a document whose tenant the test knows. */
export function keyOf(tenantId: string, document: { readonly id: string; readonly knowledgeBaseId: string }) {
  return { tenantId, knowledgeBaseId: document.knowledgeBaseId, documentId: document.id };
}

export function openStores(connectionString = stack.env.PlatformStorage ?? ''): Stores {
  const blobService = BlobServiceClient.fromConnectionString(connectionString);
  const queueService = QueueServiceClient.fromConnectionString(connectionString);
  return {
    vectors: vectorsOf,
    async blobs(container, prefix) {
      const names: string[] = [];
      for await (const { name } of blobService.getContainerClient(container).listBlobsFlat({ prefix }))
        names.push(name);
      return names.sort();
    },
    async write(container, name, content) {
      await blobService.getContainerClient(container).getBlockBlobClient(name).uploadData(Buffer.from(content));
    },
    async unlink(container, name) {
      await blobService.getContainerClient(container).deleteBlob(name);
    },
    async sendPlain(queue, text) {
      await queueService.getQueueClient(queue).sendMessage(text);
    },
    async send(queue, ...messages) {
      const client = queueService.getQueueClient(queue);
      const texts = messages.map((message) => Buffer.from(JSON.stringify(message)).toString('base64'));
      await Promise.all(texts.map((text) => client.sendMessage(text)));
    },
    async waiting(queue) {
      return (await queueService.getQueueClient(queue).getProperties()).approximateMessagesCount ?? 0;
    },
    document: async (key) => (await repository.find(key))?.value,
    forget: (key) => repository.remove(key),
    async rewind(key, change) {
      const found = await repository.find(key);
      if (!found) throw new Error('There is no such document.');
      await repository.replace({ ...found.value, ...change }, found.etag);
    },
    async forgetFields({ documentId }, keys) {
      const filter = { must: [{ key: 'document_id', match: { value: documentId } }] };
      const response = await fetch(`${stack.urls.qdrant}/collections/chunks-${MODEL}/points/payload/delete?wait=true`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ keys, filter }),
      });
      if (!response.ok) throw new Error(await response.text());
    },
  };
}

async function vectorsOf(
  { tenantId, knowledgeBaseId, documentId }: DocumentKey,
  model = MODEL,
): Promise<StoredVector[]> {
  const fields = { tenant_id: tenantId, knowledge_base_id: knowledgeBaseId, document_id: documentId };
  const must = Object.entries(fields).map(([key, value]) => ({ key, match: { value } }));
  const response = await fetch(`${stack.urls.qdrant}/collections/chunks-${model}/points/scroll`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ filter: { must }, limit: 1000, with_payload: true }),
  });
  if (response.status === 404) return [];
  const { result } = (await response.json()) as { result: { points: { payload: StoredVector }[] } };
  return result.points.map(({ payload }) => payload).sort((a, b) => a.version - b.version || a.index - b.index);
}

/** Paragraphs that no other test has, each a chunk of its own when they are cut at 50 tokens. */
export function paragraphs(count: number, word = `word${randomUUID().slice(0, 8)}`): string {
  const filler =
    'lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore';
  return Array.from({ length: count }, (_, index) => `Paragraph ${index} about ${word}: ${filler} ${filler}.`).join(
    '\n\n',
  );
}

export const smallChunks = { strategy: 'paragraph', maxTokens: 60, overlapTokens: 0 };
