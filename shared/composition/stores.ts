import { createAuditBlocks } from '../adapters/blob-storage/audit-blocks.ts';
import { createBlobStore } from '../adapters/blob-storage/blob-store.ts';
import { createBlobStorageDependency } from '../adapters/blob-storage/dependency.ts';
import { createRunLog } from '../adapters/blob-storage/run-log.ts';
import { createApiKeyRepository } from '../adapters/cosmos/api-key-repository.ts';
import { createAuditRemoval, createAuditRepository } from '../adapters/cosmos/audit-repository.ts';
import { createCosmos } from '../adapters/cosmos/client.ts';
import { createCooldownStore } from '../adapters/cosmos/cooldown-store.ts';
import { createCounterStore } from '../adapters/cosmos/counter-store.ts';
import { createDocumentRepository } from '../adapters/cosmos/document-repository.ts';
import { createDropRecords } from '../adapters/cosmos/drop-records.ts';
import { createErasureRepository } from '../adapters/cosmos/erasure-repository.ts';
import { cosmosDependency } from '../adapters/cosmos/health.ts';
import { createIdempotencyStore } from '../adapters/cosmos/idempotency-store.ts';
import { createKnowledgeBaseRepository } from '../adapters/cosmos/knowledge-base-repository.ts';
import { createMessageRepository } from '../adapters/cosmos/message-repository.ts';
import { createPausedRunStore } from '../adapters/cosmos/paused-run-store.ts';
import { createSessionRepository } from '../adapters/cosmos/session-repository.ts';
import { createTenantRepository } from '../adapters/cosmos/tenant-repository.ts';
import { createToolServerRepository } from '../adapters/cosmos/tool-server-repository.ts';
import { createUsageRepository } from '../adapters/cosmos/usage-repository.ts';
import { createUserRepository } from '../adapters/cosmos/user-repository.ts';
import { createQdrantCacheStore } from '../adapters/qdrant/cached-answers.ts';
import { createQdrantDependency } from '../adapters/qdrant/dependency.ts';
import { createQdrantVectorStore } from '../adapters/qdrant/vector-store.ts';
import { createStorageQueueDependency } from '../adapters/storage-queue/dependency.ts';
import { createErasureQueue } from '../adapters/storage-queue/erasure-queue.ts';
import { createIngestionQueues } from '../adapters/storage-queue/ingestion-queues.ts';
import { createUsageQueue } from '../adapters/storage-queue/usage-queue.ts';
import type { Config } from '../config.ts';
import { MAX_API_KEYS } from '../identity/api-key.ts';

/** Everything that keeps something: each store with its own client, which waits for its first use. */
export function createStores(config: Config) {
  const cosmos = createCosmos(config.cosmos);
  return {
    sessions: createSessionRepository(cosmos),
    messages: createMessageRepository(cosmos),
    pausedRuns: createPausedRunStore(cosmos),
    runLog: createRunLog(config.storage),
    documents: createDocumentRepository(cosmos),
    dropRecords: createDropRecords(cosmos),
    knowledgeBases: createKnowledgeBaseRepository(cosmos),
    chunks: createQdrantVectorStore(config.qdrant),
    cachedAnswers: createQdrantCacheStore(config.qdrant),
    blobs: createBlobStore(config.storage),
    queues: createIngestionQueues(config.storage),
    tenants: createTenantRepository(cosmos),
    users: createUserRepository(cosmos),
    apiKeys: createApiKeyRepository(cosmos, MAX_API_KEYS),
    toolServers: createToolServerRepository(cosmos),
    audit: createAuditRepository(cosmos),
    auditRemoval: createAuditRemoval(cosmos),
    auditBlocks: createAuditBlocks(config.storage),
    counters: createCounterStore(cosmos),
    cooldowns: createCooldownStore(cosmos),
    usage: createUsageRepository(cosmos),
    usageQueue: createUsageQueue(config.storage),
    erasures: createErasureRepository(cosmos),
    erasureQueue: createErasureQueue(config.storage),
    idempotency: createIdempotencyStore(cosmos),
    dependencies: [
      cosmosDependency(cosmos),
      createBlobStorageDependency(config.storage),
      createStorageQueueDependency(config.storage),
      createQdrantDependency(config.qdrant),
    ],
  };
}

export type Stores = ReturnType<typeof createStores>;
