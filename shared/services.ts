import { createBlobStore } from './adapters/blob-storage/blob-store.ts';
import { createBlobStorageDependency } from './adapters/blob-storage/dependency.ts';
import { createRunLog } from './adapters/blob-storage/run-log.ts';
import { createCosmos } from './adapters/cosmos/client.ts';
import { createDocumentRepository } from './adapters/cosmos/document-repository.ts';
import { cosmosDependency } from './adapters/cosmos/health.ts';
import { createKnowledgeBaseRepository } from './adapters/cosmos/knowledge-base-repository.ts';
import { createMessageRepository } from './adapters/cosmos/message-repository.ts';
import { createSessionRepository } from './adapters/cosmos/session-repository.ts';
import { createTenantRepository } from './adapters/cosmos/tenant-repository.ts';
import { createUserRepository } from './adapters/cosmos/user-repository.ts';
import { createEntraTokenVerifier } from './adapters/entra/token-verifier.ts';
import { createChatModel } from './adapters/openai/chat-model.ts';
import { createModelDependency } from './adapters/openai/dependency.ts';
import { createEmbeddingModel, QUESTION_LIMITS } from './adapters/openai/embedding-model.ts';
import { createQdrantDependency } from './adapters/qdrant/dependency.ts';
import { createQdrantVectorStore } from './adapters/qdrant/vector-store.ts';
import { createStorageQueueDependency } from './adapters/storage-queue/dependency.ts';
import { createIngestionQueues } from './adapters/storage-queue/ingestion-queues.ts';
import { type Chat, createChat } from './chat/chat.ts';
import { createRuns, type Runs } from './chat/runs.ts';
import { createSessions, type Sessions } from './chat/sessions.ts';
import { type Config, ConfigError, loadConfig } from './config.ts';
import type { Readiness } from './contracts/health.ts';
import { AppError } from './errors.ts';
import { newId } from './identifiers.ts';
import { type Authenticator, createAuthenticator } from './identity/authenticator.ts';
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
import { loadTokenizer } from './models/tokenizer.ts';
import { checkDependencies } from './telemetry/check-dependencies.ts';
import { createLogger, type Logger } from './telemetry/logger.ts';
import { createTenantDirectory } from './tenants/tenant-directory.ts';
import { createUserDirectory } from './tenants/user-directory.ts';

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
  watchDocument(principal: Principal, reference: DocumentReference): AsyncGenerator<StoredDocument>;
  checkHealth(): Promise<Readiness>;
}

const now = () => new Date();

/** The composition root: joins domains with adapters. Opens no connection; every client waits for its first use. */
function createServices(config: Config): Services {
  const log = createLogger(config.logLevel);
  const cosmos = createCosmos(config.cosmos);
  const model = createChatModel(config.models);
  const embeddingModel = createEmbeddingModel(config.models);
  const vectorStore = createQdrantVectorStore(config.qdrant);
  const blobs = createBlobStore(config.storage);
  const queues = createIngestionQueues(config.storage);
  const runLog = createRunLog(config.storage);
  const sessions = createSessionRepository(cosmos);
  const messages = createMessageRepository(cosmos);
  const documentRepository = createDocumentRepository(cosmos);
  const knowledgeBaseRepository = createKnowledgeBaseRepository(cosmos);

  const verifier = createEntraTokenVerifier(config.auth);

  const space = { model: embeddingModel.name, dimensions: embeddingModel.dimensions };
  const files = { repository: documentRepository, blobs, queues, maxBytes: config.maxUploadBytes, newId, now };
  const retrieval = createRetrieval({
    vectorStore,
    embeddingModel: createEmbeddingModel(config.models, QUESTION_LIMITS),
  });
  const knowledgeBases = createKnowledgeBases({
    repository: knowledgeBaseRepository,
    queues,
    embeddingModel: embeddingModel.name,
    newId,
    now,
  });
  const documents = createDocuments({ ...files, knowledgeBases, vectorStore, space });

  const dependencies = [
    cosmosDependency(cosmos),
    createBlobStorageDependency(config.storage),
    createStorageQueueDependency(config.storage),
    createQdrantDependency(config.qdrant),
    createModelDependency(config.models),
    verifier.dependency,
  ];

  return {
    config,
    log,
    authenticator: createAuthenticator({
      verifier,
      tenants: createTenantDirectory(createTenantRepository(cosmos), now),
      users: createUserDirectory(createUserRepository(cosmos), now),
      bypassClaims: config.auth.devBypass ? config.auth.devClaims : undefined,
    }),
    chat: createChat({
      sessions,
      messages,
      runLog,
      knowledgeBases,
      retrieval,
      model,
      loadTokenizer,
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
      vectorStore,
      space,
      log,
    }),
    search: createSearch(knowledgeBases, retrieval),
    watchDocument: (principal, reference) => watchDocument(documents, principal, reference, now),
    checkHealth: () => checkDependencies(dependencies),
  };
}

type Loaded = { readonly services: Services } | { readonly problems: readonly string[] };
let loaded: Loaded | undefined;

/** The configuration is read once, at the first call; a wrong one stays wrong until the process starts again. */
function load(): Loaded {
  try {
    loaded ??= { services: createServices(loadConfig()) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    loaded = { problems: error.problems };
  }
  return loaded;
}

/** The services of this process. @throws AppError `dependency_unavailable` when the configuration is wrong. */
export function getServices(): Services {
  const services = findServices();
  if (services) return services;
  throw new AppError('dependency_unavailable', 'The service is not configured; /health/ready says what is missing.', {
    retryAfterSeconds: 30,
  });
}

/** The services, or undefined when the configuration is wrong. */
export function findServices(): Services | undefined {
  const result = load();
  return 'services' in result ? result.services : undefined;
}

/** Whether everything works; a wrong configuration is named setting by setting, without values. */
export async function checkReadiness(): Promise<Readiness> {
  const result = load();
  if ('services' in result) return result.services.checkHealth();
  const advice = result.problems.join('; ');
  return {
    status: 'not-ready',
    dependencies: [{ name: 'configuration', status: 'down', latencyMilliseconds: 0, advice }],
  };
}
