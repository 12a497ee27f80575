import { type AccessExplainer, createAccessExplainer } from './access/access-explainer.ts';
import { createResourceExplainer } from './access/explain-resource.ts';
import { createAuditBlocks } from './adapters/blob-storage/audit-blocks.ts';
import { createBlobStore } from './adapters/blob-storage/blob-store.ts';
import { createBlobStorageDependency } from './adapters/blob-storage/dependency.ts';
import { createRunLog } from './adapters/blob-storage/run-log.ts';
import { createApiKeyRepository } from './adapters/cosmos/api-key-repository.ts';
import { createAuditRemoval, createAuditRepository } from './adapters/cosmos/audit-repository.ts';
import { createCosmos } from './adapters/cosmos/client.ts';
import { createCooldownStore } from './adapters/cosmos/cooldown-store.ts';
import { createCounterStore } from './adapters/cosmos/counter-store.ts';
import { createDocumentRepository } from './adapters/cosmos/document-repository.ts';
import { createErasureRepository } from './adapters/cosmos/erasure-repository.ts';
import { cosmosDependency } from './adapters/cosmos/health.ts';
import { createIdempotencyStore } from './adapters/cosmos/idempotency-store.ts';
import { createKnowledgeBaseRepository } from './adapters/cosmos/knowledge-base-repository.ts';
import { createMessageRepository } from './adapters/cosmos/message-repository.ts';
import { createSessionRepository } from './adapters/cosmos/session-repository.ts';
import { createTenantRepository } from './adapters/cosmos/tenant-repository.ts';
import { createUsageRepository } from './adapters/cosmos/usage-repository.ts';
import { createUserRepository } from './adapters/cosmos/user-repository.ts';
import { createGraphGroups } from './adapters/entra/graph-groups.ts';
import { createEntraTokenVerifier } from './adapters/entra/token-verifier.ts';
import { createChatModel } from './adapters/openai/chat-model.ts';
import { createModelDependency } from './adapters/openai/dependency.ts';
import { createEmbeddingModel } from './adapters/openai/embedding-model.ts';
import { createModelTransport } from './adapters/openai/model-transport.ts';
import { createQdrantDependency } from './adapters/qdrant/dependency.ts';
import { createQdrantVectorStore } from './adapters/qdrant/vector-store.ts';
import { createStorageQueueDependency } from './adapters/storage-queue/dependency.ts';
import { createErasureQueue } from './adapters/storage-queue/erasure-queue.ts';
import { createIngestionQueues } from './adapters/storage-queue/ingestion-queues.ts';
import { createUsageQueue } from './adapters/storage-queue/usage-queue.ts';
import { announceBudgetWarning } from './audit/announce-budget-warning.ts';
import { type Audit, createAudit } from './audit/audit.ts';
import { recordSignIns } from './audit/sign-ins.ts';
import { type Chat, createChat } from './chat/chat.ts';
import { createRuns, type Runs } from './chat/runs.ts';
import { createSessions, type Sessions } from './chat/sessions.ts';
import type { Config } from './config.ts';
import type { Readiness } from './contracts/health.ts';
import { createIdempotentCalls, type IdempotentCalls } from './idempotency/idempotent-calls.ts';
import { newId, newUlid } from './identifiers.ts';
import { MAX_API_KEYS } from './identity/api-key.ts';
import { createApiKeyAuthenticator } from './identity/api-key-authenticator.ts';
import { type Authenticator, createAuthenticator } from './identity/authenticator.ts';
import { noGroupDirectory, rememberGroups } from './identity/group-directory.ts';
import type { Principal } from './identity/principal.ts';
import { createExtractor } from './ingestion/extraction/extractor.ts';
import { createIngestion, type Ingestion } from './ingestion/ingestion.ts';
import { createUploads, type Uploads } from './ingestion/uploads.ts';
import type { StoredDocument } from './knowledge/document-repository.ts';
import { createDocuments, type DocumentReference, type Documents } from './knowledge/documents.ts';
import { createKnowledgeBases, type KnowledgeBases } from './knowledge/knowledge-bases.ts';
import { createRetrieval } from './knowledge/retrieval.ts';
import { createSearch, type Search } from './knowledge/search.ts';
import { watchDocument } from './knowledge/watch-document.ts';
import { createTokenRateLimiter } from './limits/create-token-rate-limiter.ts';
import { createModelGateway } from './models/create-model-gateway.ts';
import { indexingModel } from './models/indexing-model.ts';
import { createModelList, type ModelList } from './models/model-list.ts';
import { createPriceBook } from './models/price-book.ts';
import { loadTokenizer } from './models/tokenizer.ts';
import { createOpenAi, type OpenAi } from './openai/create-openai.ts';
import { createPrivacy, type Privacy } from './privacy/privacy.ts';
import { checkDependencies } from './telemetry/check-dependencies.ts';
import { createLogger, type Logger } from './telemetry/logger.ts';
import { administeredOrganisation } from './tenants/administered.ts';
import { allTenants } from './tenants/all-tenants.ts';
import { type ApiKeys, createApiKeys } from './tenants/api-keys.ts';
import { createTenantDirectory } from './tenants/tenant-directory.ts';
import { createTenants, type Tenants } from './tenants/tenants.ts';
import { createUserDirectory } from './tenants/user-directory.ts';
import { createUsers, type Users } from './tenants/users.ts';

import { groupUsage } from './usage/grouped-usage-queue.ts';
import { createUsage, type Usage } from './usage/usage.ts';
import { createUsageMeter } from './usage/usage-meter.ts';

/** What the edge can call. */
export interface Services {
  readonly config: Config;
  readonly log: Logger;
  readonly authenticator: Authenticator;
  readonly chat: Chat;
  readonly runs: Runs;
  readonly sessions: Sessions;
  readonly knowledgeBases: KnowledgeBases;
  readonly documents: Documents;
  readonly uploads: Uploads;
  readonly ingestion: Ingestion;
  readonly search: Search;
  readonly models: ModelList;
  readonly openAi: OpenAi;
  readonly tenants: Tenants;
  readonly users: Users;
  readonly apiKeys: ApiKeys;
  readonly accessExplainer: AccessExplainer;
  readonly idempotentCalls: IdempotentCalls;
  readonly usage: Usage;
  readonly privacy: Privacy;
  readonly audit: Audit;
  watchDocument(principal: Principal, reference: DocumentReference): AsyncGenerator<StoredDocument>;
  checkHealth(): Promise<Readiness>;
}

const now = () => new Date();

/** The composition root: joins domains with adapters. Opens no connection; every client waits for its first use. */
export function createServices(config: Config): Services {
  const log = createLogger(config.logLevel);
  const cosmos = createCosmos(config.cosmos);
  const { catalog, keys } = config.models;
  const gateway = createModelGateway({
    catalog,
    transport: createModelTransport(keys),
    cooldowns: createCooldownStore(cosmos),
    now,
  });
  const prices = createPriceBook(catalog);
  const model = createChatModel(gateway);
  const embeddingModel = createEmbeddingModel(gateway, indexingModel(catalog), 'background');
  const vectorStore = createQdrantVectorStore(config.qdrant);
  const blobs = createBlobStore(config.storage);
  const queues = createIngestionQueues(config.storage);
  const runLog = createRunLog(config.storage);
  const sessions = createSessionRepository(cosmos);
  const messages = createMessageRepository(cosmos);
  const documentRepository = createDocumentRepository(cosmos);
  const knowledgeBaseRepository = createKnowledgeBaseRepository(cosmos);
  const tenantRepository = createTenantRepository(cosmos);
  const userRepository = createUserRepository(cosmos);
  const tenantDirectory = createTenantDirectory(tenantRepository, now);

  const tenants = createTenants({ repository: tenantRepository, newId, now });
  const auditRepository = createAuditRepository(cosmos);
  const auditBlocks = createAuditBlocks(config.storage);
  const audit = createAudit({
    repository: auditRepository,
    blocks: auditBlocks,
    tenants: () => allTenants(tenantRepository),
    tenantOf: async (principal, id) => {
      const [{ value }, { policy }] = await Promise.all([
        tenants.get(principal, id),
        tenants.effectivePolicy(principal, id),
      ]);
      return { id, createdAt: value.createdAt, retentionDays: policy.retentionDays?.audit ?? null };
    },
    newId,
    now,
    log,
  });

  const limiter = createTokenRateLimiter({
    store: createCounterStore(cosmos),
    log,
    now,
    onBudgetWarning: (warning) => announceBudgetWarning(warning, { log, audit }),
  });
  const meter = createUsageMeter({ queue: groupUsage(createUsageQueue(config.storage)), prices, newId, now, log });

  const verifier = createEntraTokenVerifier(config.auth);

  const apiKeyRepository = createApiKeyRepository(cosmos, MAX_API_KEYS);
  const groups = config.graph ? rememberGroups(createGraphGroups(config.graph), now) : noGroupDirectory;

  const authenticator = createAuthenticator({
    verifier,
    apiKeys: createApiKeyAuthenticator({ keys: apiKeyRepository, tenants: tenantDirectory, now }),
    groups,
    platformAdminTenants: config.auth.platformAdminTenants,
    tenants: tenantDirectory,
    users: createUserDirectory(userRepository, now),
    bypassClaims: config.auth.devBypass ? config.auth.devClaims : undefined,
  });

  const users = createUsers(tenantRepository, userRepository);
  const space = { model: embeddingModel.name, dimensions: embeddingModel.dimensions };
  const files = { repository: documentRepository, blobs, queues, maxBytes: config.maxUploadBytes, newId, now };
  const retrieval = createRetrieval({
    vectorStore,
    embeddingModel: createEmbeddingModel(gateway, indexingModel(catalog), 'interactive'),
  });
  const knowledgeBases = createKnowledgeBases({
    repository: knowledgeBaseRepository,
    queues,
    embeddingModel: embeddingModel.name,
    newId,
    now,
  });
  const documents = createDocuments({ ...files, knowledgeBases, vectorStore, space });

  const answering = { gateway, knowledgeBases, retrieval, loadTokenizer, limiter, meter, prices, audit, log, now };

  const dependencies = [
    cosmosDependency(cosmos),
    createBlobStorageDependency(config.storage),
    createStorageQueueDependency(config.storage),
    createQdrantDependency(config.qdrant),
    createModelDependency(catalog, keys),
    verifier.dependency,
  ];

  return {
    config,
    log,
    authenticator: recordSignIns(authenticator, audit, now),
    chat: createChat({
      sessions,
      messages,
      runLog,
      knowledgeBases,
      retrieval,
      model,
      gateway,
      loadTokenizer,
      limiter,
      meter,
      prices,
      audit,
      newId,
      now,
      logger: log,
    }),
    runs: createRuns(runLog, now),
    sessions: createSessions({ sessions, messages, now }),
    knowledgeBases,
    documents,
    uploads: createUploads({ ...files, knowledgeBases, documents }),
    ingestion: createIngestion({
      ...files,
      knowledgeBases: knowledgeBaseRepository,
      extractor: createExtractor({ concurrency: config.extractionConcurrency }),
      loadTokenizer,
      embeddingModel,
      tenants: tenantDirectory,
      limiter,
      meter,
      prices,
      audit,
      vectorStore,
      space,
      log,
    }),
    openAi: createOpenAi({ ...answering, chatModel: model, randomId: newUlid }),
    search: createSearch({ knowledgeBases, retrieval, limiter, meter, prices, audit, now }),
    models: createModelList({ gateway, catalog, prices, now }),
    tenants,
    audit,
    usage: createUsage({
      repository: createUsageRepository(cosmos),
      organisationOf: async (principal, tenantId) =>
        (await administeredOrganisation(tenantRepository, principal, tenantId)).value.id,
      log,
    }),
    users,
    privacy: createPrivacy({
      ...files,
      repository: createErasureRepository(cosmos),
      queue: createErasureQueue(config.storage),
      auditRepository,
      auditRemoval: createAuditRemoval(cosmos),
      auditBlocks,
      tenants: tenantRepository,
      users: userRepository,
      sessions,
      messages,
      runLog,
      documents: documentRepository,
      knowledgeBases: knowledgeBaseRepository,
      vectorStore,
      space,
      audit,
      log,
    }),
    apiKeys: createApiKeys({ keys: apiKeyRepository, tenants: tenantRepository, newId, now }),
    accessExplainer: createAccessExplainer({
      users,
      tenants: tenantDirectory,
      groups,
      chatModelOf: (person) => gateway.defaultModel(person),
      explainResource: createResourceExplainer({
        knowledgeBases: knowledgeBaseRepository,
        documents: documentRepository,
      }),
    }),
    idempotentCalls: createIdempotentCalls({ store: createIdempotencyStore(cosmos), now, log }),
    watchDocument: (principal, reference) => watchDocument(documents, principal, reference, now),
    checkHealth: () => checkDependencies(dependencies),
  };
}
