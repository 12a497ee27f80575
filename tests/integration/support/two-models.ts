import { writeFileSync } from 'node:fs';
import type { KnowledgeDocument } from '../../../shared/contracts/documents.ts';
import type { KnowledgeBase } from '../../../shared/contracts/knowledge-bases.ts';
import type { SearchResult } from '../../../shared/contracts/search.ts';
import { documentsPath } from './document-pipeline.ts';
import { type IngestionApp, startIngestionApp } from './ingestion-app.ts';
import { chatModel, modelsFile } from './models-file.ts';
import {
  createKnowledgeBase,
  eventually,
  onboardTenant,
  settled,
  type TestPerson,
  type TestTenant,
} from './platform.ts';
import { keyOf, type StoredVector, smallChunks } from './stores.ts';

export const OLD = 'hashing-512';
export const NEW = 'hashing-256';
const DIMENSIONS: Readonly<Record<string, number>> = { [OLD]: 512, [NEW]: 256 };

/** An ingestion app with a catalog of embedding models, of which the first indexes. */
export interface TwoModels {
  readonly app: IngestionApp;
  readonly tenant: TestTenant;
  readonly keeper: TestPerson;
  /** Starts the app again with these models. */
  offer(...models: string[]): Promise<void>;
  newKnowledgeBase(): Promise<KnowledgeBase>;
  find(id: string): Promise<KnowledgeBase>;
  /** Until it has moved. */
  moved(id: string): Promise<KnowledgeBase>;
  reindex(id: string, query?: string): Promise<{ status: number; body: KnowledgeBase }>;
  upload(knowledgeBaseId: string, text: string, of?: KnowledgeDocument): Promise<KnowledgeDocument>;
  /** The same, until it is ready or failed. */
  ready(knowledgeBaseId: string, text: string, of?: KnowledgeDocument): Promise<KnowledgeDocument>;
  search(query: string, ...knowledgeBaseIds: string[]): Promise<SearchResult[]>;
  vectors(document: KnowledgeDocument, model: string): Promise<StoredVector[]>;
}

export async function startTwoModels(): Promise<TwoModels> {
  let file = '';
  let url = '';
  const catalog = (models: readonly string[]) => ({
    endpoints: { here: { kind: 'azure' as const, url, region: 'here', zone: 'here', apiKeySetting: 'TEST_MODEL_KEY' } },
    models: [
      chatModel('chat', ['here']),
      ...models.map((name) => ({
        ...{ kind: 'embedding' as const, name, contextTokens: 8_192, dimensions: DIMENSIONS[name] ?? 0 },
        deployments: [{ endpoint: 'here', deployment: name }],
      })),
    ],
  });
  const start = startIngestionApp((embeddingsUrl) => {
    url = embeddingsUrl;
    const settings = modelsFile(catalog([OLD, NEW]));
    file = settings.MODELS_FILE ?? '';
    return settings;
  });
  const [app, tenant] = await Promise.all([start, onboardTenant()]);
  const keeper = await tenant.person(['KnowledgeManager'], { apiUrl: app.url });
  const pathOf = (id: string) => `/api/v1/knowledge-bases/${id}`;
  const find = (id: string) => keeper.must<KnowledgeBase>('GET', pathOf(id));

  async function upload(knowledgeBaseId: string, text: string, of?: KnowledgeDocument): Promise<KnowledgeDocument> {
    const path = `${documentsPath(knowledgeBaseId)}${of ? `?documentId=${of.id}` : ''}`;
    const { status, body } = await keeper.upload<KnowledgeDocument>(path, 'file.txt', Buffer.from(text));
    if (status !== 202) throw new Error(`Refused with ${status}: ${JSON.stringify(body)}`);
    return body;
  }

  return {
    app,
    tenant,
    keeper,
    async offer(...models) {
      writeFileSync(file, JSON.stringify(catalog(models)));
      await app.crash();
    },
    newKnowledgeBase: () => createKnowledgeBase(keeper, { chunking: smallChunks }),
    find,
    moved: (id) =>
      eventually(async () => {
        const found = await find(id);
        return found.reindex || found.embeddingModel !== NEW ? undefined : found;
      }),
    reindex: (id, query = '') => keeper.call<KnowledgeBase>('POST', `${pathOf(id)}/reindex${query}`),
    upload,
    ready: async (knowledgeBaseId, text, of) => settled(keeper, await upload(knowledgeBaseId, text, of)),
    async search(query, ...knowledgeBaseIds) {
      const body = { query, limit: 50, knowledgeBaseIds };
      return (await keeper.must<{ results: SearchResult[] }>('POST', '/api/v1/query', body)).results;
    },
    vectors: (document, model) => app.stores.vectors(keyOf(tenant.id, document), model),
  };
}
