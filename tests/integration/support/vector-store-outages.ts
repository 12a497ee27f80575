import { createKnowledgeBaseRepository } from '../../../shared/adapters/cosmos/knowledge-base-repository.ts';
import type { Access } from '../../../shared/contracts/access.ts';
import type { SearchResult } from '../../../shared/contracts/search.ts';
import { type IngestionApp, startIngestionApp } from './ingestion-app.ts';
import { cosmos, onboardTenant, stack, type TestPerson, type TestTenant } from './platform.ts';
import { startSwitchableProxy } from './switchable-proxy.ts';

/** What every document of these tests is about. */
const SUBJECT = 'tide tables';

/** An app whose vector store a test can take away, with a keeper of knowledge. */
export interface VectorStoreOutages {
  readonly app: IngestionApp;
  readonly tenant: TestTenant;
  readonly keeper: TestPerson;
  /** Does something while the vector store is away. */
  inOutage<T>(act: () => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

export const knowledgeBases = createKnowledgeBaseRepository(cosmos);

export async function startVectorStoreOutages(): Promise<VectorStoreOutages> {
  const proxy = await startSwitchableProxy(stack.urls.qdrant);
  const [app, tenant] = await Promise.all([startIngestionApp({ QDRANT_URL: proxy.url }), onboardTenant()]);
  return {
    app,
    tenant,
    keeper: await tenant.person(['KnowledgeManager'], { apiUrl: app.url }),
    async inOutage(act) {
      proxy.cut();
      try {
        return await act();
      } finally {
        proxy.restore();
      }
    },
    async stop() {
      await app.stop();
      await proxy.stop();
    },
  };
}

/** The documents that somebody finds in a knowledge base, and how. */
export async function found(person: TestPerson, knowledgeBaseId: string): Promise<SearchResult[]> {
  const path = `/api/v1/knowledge-bases/${knowledgeBaseId}/query`;
  return (await person.must<{ results: SearchResult[] }>('POST', path, { query: SUBJECT, limit: 50 })).results;
}

export async function idsFound(person: TestPerson, knowledgeBaseId: string): Promise<string[]> {
  return [...new Set((await found(person, knowledgeBaseId)).map(({ documentId }) => documentId))].sort();
}

export const restricted = (to: Partial<Access> = {}): Access => ({
  ...{ visibility: 'restricted', users: [], groups: [], roles: [] },
  ...to,
});
