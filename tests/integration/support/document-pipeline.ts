import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { KnowledgeDocument } from '../../../shared/contracts/documents.ts';
import type { ChunkEmbedMessage, DocumentChunkMessage } from '../../../shared/contracts/queue-messages.ts';
import type { SearchResult } from '../../../shared/contracts/search.ts';
import type { DocumentKey } from '../../../shared/knowledge/document-repository.ts';
import { type IngestionApp, startIngestionApp } from './ingestion-app.ts';
import { createKnowledgeBase, onboardTenant, settled, type TestPerson, type TestTenant } from './platform.ts';
import { keyOf, paragraphs, smallChunks } from './stores.ts';

/** So many paragraphs make so many chunks, in two batches. */
export const CHUNKS = 80;
export const BATCHES = 2;

/** An ingestion app with one keeper and one knowledge base, and what its tests ask of a document again and again. */
export interface DocumentPipeline {
  readonly app: IngestionApp;
  readonly tenant: TestTenant;
  readonly keeper: TestPerson;
  readonly knowledgeBaseId: string;
  key(document: KnowledgeDocument): DocumentKey;
  /** What the queues carry: of a version, and of each of its batches. */
  message(document: KnowledgeDocument, version?: number): DocumentChunkMessage;
  batches(document: KnowledgeDocument): ChunkEmbedMessage[];
  /** Uploads a text, as a new version of a document if one is given. */
  upload(text: string, of?: KnowledgeDocument): Promise<KnowledgeDocument>;
  /** A document of 80 chunks, or of the given text, that is ready. */
  ready(text?: string): Promise<KnowledgeDocument>;
  find(query: string): Promise<SearchResult[]>;
  blobsOf(document: KnowledgeDocument): Promise<string[]>;
  /** Exactly the chunks of one version are there, and live. */
  expectOneSet(document: KnowledgeDocument, version?: number, count?: number): Promise<void>;
  /** Nothing of it is left in any store. */
  expectNothing(document: KnowledgeDocument): Promise<void>;
}

/** A word that no other document has. */
export const word = () => `w${randomUUID().replaceAll('-', '').slice(0, 10)}`;
export const documentsPath = (knowledgeBaseId: string) => `/api/v1/knowledge-bases/${knowledgeBaseId}/documents`;
export const pathOf = ({ knowledgeBaseId, id }: KnowledgeDocument) => `${documentsPath(knowledgeBaseId)}/${id}`;

export async function startDocumentPipeline(env?: Readonly<Record<string, string>>): Promise<DocumentPipeline> {
  const [app, tenant] = await Promise.all([startIngestionApp(env), onboardTenant()]);
  const keeper = await tenant.person(['KnowledgeManager'], { apiUrl: app.url });
  const { id: knowledgeBaseId } = await createKnowledgeBase(keeper, { chunking: smallChunks });
  const { stores } = app;
  const key = (document: KnowledgeDocument) => keyOf(tenant.id, document);
  const message = (document: KnowledgeDocument, version = 1) => ({ ...key(document), version });
  const blobsOf = (document: KnowledgeDocument) =>
    stores.blobs('documents', `${tenant.id}/${document.knowledgeBaseId}/${document.id}/`);

  async function upload(text: string, of?: KnowledgeDocument): Promise<KnowledgeDocument> {
    const path = `${documentsPath(knowledgeBaseId)}${of ? `?documentId=${of.id}` : ''}`;
    const { status, body } = await keeper.upload<KnowledgeDocument>(path, 'file.txt', Buffer.from(text));
    expect(status).toBe(202);
    return body;
  }

  return {
    app,
    tenant,
    keeper,
    knowledgeBaseId,
    key,
    message,
    batches: (document) => Array.from({ length: BATCHES }, (_, batch) => ({ ...message(document), batch })),
    upload,
    blobsOf,
    ready: async (text = paragraphs(CHUNKS)) => settled(keeper, await upload(text)),
    async find(query) {
      const path = `/api/v1/knowledge-bases/${knowledgeBaseId}/query`;
      return (await keeper.must<{ results: SearchResult[] }>('POST', path, { query, limit: 50 })).results;
    },
    async expectOneSet(document, version = 1, count = CHUNKS) {
      const vectors = await stores.vectors(key(document));
      expect(vectors.map(({ index }) => index)).toEqual(Array.from({ length: count }, (_, index) => index));
      expect(new Set(vectors.map((vector) => `${vector.version} ${vector.live}`))).toEqual(
        new Set([`${version} true`]),
      );
      const stored = await stores.document(key(document));
      expect(stored).toMatchObject({ status: 'ready', liveVersion: version, version, chunkCount: count });
    },
    async expectNothing(document) {
      expect(await stores.document(key(document))).toBeUndefined();
      expect(await stores.vectors(key(document))).toEqual([]);
      expect(await blobsOf(document)).toEqual([]);
      expect((await keeper.call('GET', pathOf(document))).status).toBe(404);
    },
  };
}
