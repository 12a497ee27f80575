import { randomUUID } from 'node:crypto';
import { BlobServiceClient } from '@azure/storage-blob';
import { createQdrantCacheStore } from '../../../shared/adapters/qdrant/cached-answers.ts';
import { cacheKey } from '../../../shared/cache/cache-key.ts';
import { loadConfig } from '../../../shared/config.ts';
import type { Erasure } from '../../../shared/contracts/privacy.ts';
import type { StoredDocument } from '../../../shared/knowledge/document-repository.ts';
import { indexingModel } from '../../../shared/models/indexing-model.ts';
import { storedMessages } from './conversations.ts';
import { cosmos, eventually, stack, type TestPerson } from './platform.ts';
import { principalOf } from './principals.ts';
import { keyOf, openStores } from './stores.ts';

const stores = openStores();
const config = loadConfig(stack.env);
const CACHED_ANSWERS = `semantic-cache-${stack.env.AZURE_OPENAI_EMBEDDING_DEPLOYMENT}`;
const runs = BlobServiceClient.fromConnectionString(stack.env.PlatformStorage ?? '').getContainerClient('runs');

/** What a person has, as it was found when it was whole. */
export interface Traces {
  readonly tenantId: string;
  readonly userId: string;
  readonly sessionIds: readonly string[];
  readonly runIds: readonly string[];
  readonly documents: readonly { readonly id: string; readonly knowledgeBaseId: string }[];
}

/** How much of it each store holds, by the names that a receipt uses. */
export async function countTraces(traces: Traces): Promise<Record<string, number>> {
  const { tenantId, userId, sessionIds, runIds, documents } = traces;
  const keys = documents.map((document) => keyOf(tenantId, document));
  const prefixOf = (key: (typeof keys)[number]) => `${tenantId}/${key.knowledgeBaseId}/${key.documentId}/`;
  return {
    'database/sessions': await count('sessions', [tenantId, userId]),
    'database/messages': sum(await Promise.all(sessionIds.map((id) => storedMessages(tenantId, id)))),
    'files/runs': sum(await Promise.all(runIds.map((id) => existsRun(tenantId, id)))),
    'database/documents': sum(await Promise.all(keys.map(async (key) => ((await stores.document(key)) ? 1 : 0)))),
    'files/documents': sum(
      await Promise.all(keys.map(async (key) => (await stores.blobs('documents', prefixOf(key))).length)),
    ),
    'vectors/chunks': sum(await Promise.all(keys.map(async (key) => (await stores.vectors(key)).length))),
    'vectors/semantic-cache': await cachedAnswers(tenantId, userId),
    'database/users': await count('users', [tenantId], userId),
  };
}

export async function existsRun(tenantId: string, runId: string): Promise<number> {
  return (await runs.getBlobClient(`${tenantId}/${runId}`).exists()) ? 1 : 0;
}

/** Answers that were kept to questions of a person. */
async function cachedAnswers(tenantId: string, userId: string): Promise<number> {
  const must = Object.entries({ tenant_id: tenantId, asked_by: userId }).map(([key, value]) => ({
    key,
    match: { value },
  }));
  const response = await fetch(`${stack.urls.qdrant}/collections/${CACHED_ANSWERS}/points/count`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ filter: { must }, exact: true }),
  });
  return response.ok ? ((await response.json()) as { result: { count: number } }).result.count : 0;
}

/** Keeps an answer to a question of a person, as a conversation does. */
export async function keepAnswer(tenantId: string, userId: string): Promise<void> {
  const key = cacheKey(principalOf(tenantId, { userId }), {
    knowledgeBases: [],
    model: 'm',
    promptVersion: 'p',
    tools: [],
  });
  const usage = { inputTokens: 1, cachedInputTokens: 0, outputTokens: 1, costMicroUsd: 1 };
  const answer = { question: 'Why?', text: 'Because.', model: 'm', usage, citations: [], support: null, title: null };
  const { name: model, dimensions } = indexingModel(config.models.catalog);
  await createQdrantCacheStore(config.qdrant).put({ model, dimensions }, key, {
    ...{ id: randomUUID(), vector: new Array(dimensions).fill(1), askedBy: userId, documentIds: [] },
    ...{ expiresAt: Math.floor(Date.now() / 1000) + 3_600, answer: { ...answer, passageIds: [] } },
  });
}

async function count(container: string, partition: string[], id?: string): Promise<number> {
  const { items } = await cosmos.container(container);
  const { resources } = await items.query<StoredDocument>('SELECT c.id FROM c', { partitionKey: partition }).fetchAll();
  return resources.filter((item) => id === undefined || item.id === id).length;
}

const sum = (counts: readonly number[]) => counts.reduce((total, more) => total + more, 0);

/** A receipt as counts by store. */
export const countsOf = ({ erased }: Erasure): Record<string, number> =>
  Object.fromEntries(erased.map(({ store, count: removed }) => [store, removed]));

/** Asks for an erasure and waits for its end. */
export async function erase(admin: TestPerson, userId: string): Promise<Erasure> {
  const { status, headers, body } = await admin.call('DELETE', `/api/v1/admin/users/${userId}/data`);
  if (status !== 202) throw new Error(`The erasure was refused with ${status}: ${JSON.stringify(body)}`);
  return ended(admin, headers.get('location') ?? '');
}

export function ended(admin: TestPerson, location: string): Promise<Erasure> {
  return eventually(async () => {
    const erasure = await admin.must<Erasure>('GET', location);
    return erasure.completedAt === null ? undefined : erasure;
  });
}
