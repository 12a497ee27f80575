import { type AccessExplainer, createAccessExplainer } from './access/access-explainer.ts';
import { createResourceExplainer } from './access/explain-resource.ts';
import { createHttpReader } from './adapters/http-get/http-reader.ts';
import { createLangfuseScores } from './adapters/langfuse/feedback-scores.ts';
import { createMcpServer } from './adapters/mcp/mcp-server.ts';
import { createRemoteTools } from './adapters/mcp/remote-tools.ts';
import { createTelemetry } from './adapters/opentelemetry/telemetry.ts';
import { createAddressGuard } from './adapters/public-address.ts';
import type { Audit } from './audit/audit.ts';
import type { SemanticCache } from './cache/semantic-cache.ts';
import type { Chat } from './chat/chat.ts';
import { noFeedbackScores } from './chat/feedback-scores.ts';
import { createRuns, type Runs } from './chat/runs.ts';
import { createSessions, type Sessions } from './chat/sessions.ts';
import { createTracedChat } from './chat/trace-chat.ts';
import { createGovernance } from './composition/governance.ts';
import { createKnowledge } from './composition/knowledge.ts';
import { createModels } from './composition/models.ts';
import { createStores } from './composition/stores.ts';
import type { Config } from './config.ts';
import type { Readiness } from './contracts/health.ts';
import { createSupportCheck } from './grounding/answer-support.ts';
import { createIdempotentCalls, type IdempotentCalls } from './idempotency/idempotent-calls.ts';
import { newId, newUlid } from './identifiers.ts';
import type { Authenticator } from './identity/authenticator.ts';
import type { Principal } from './identity/principal.ts';
import type { DropFolders } from './ingestion/drop-folder/drop-folders.ts';
import type { Imports } from './ingestion/imports/imports.ts';
import type { Ingestion } from './ingestion/ingestion.ts';
import type { Uploads } from './ingestion/uploads.ts';
import type { InspectChunks } from './inspection/chunk-inspector.ts';
import type { PreviewDocument } from './inspection/document-preview.ts';
import type { StoredDocument } from './knowledge/document-repository.ts';
import type { DocumentReference, Documents } from './knowledge/documents.ts';
import type { KnowledgeBases } from './knowledge/knowledge-bases.ts';
import type { Quarantine } from './knowledge/quarantine.ts';
import type { Reindexing } from './knowledge/reindexing.ts';
import { createSearch, type Search } from './knowledge/search.ts';
import { watchDocument } from './knowledge/watch-document.ts';
import { callMcpTool } from './mcp/call-mcp-tool.ts';
import type { McpServer } from './mcp/mcp-server.ts';
import { createMcpTools } from './mcp/mcp-tools.ts';
import type { ModelList } from './models/model-list.ts';
import { loadTokenizer } from './models/tokenizer.ts';
import { traceModelGateway } from './models/trace-model-gateway.ts';
import { createOpenAi, type OpenAi } from './openai/create-openai.ts';
import { createPrivacy, type Privacy } from './privacy/privacy.ts';
import { checkDependencies } from './telemetry/check-dependencies.ts';
import { createLogger, type Logger } from './telemetry/logger.ts';
import type { Telemetry } from './telemetry/telemetry.ts';
import type { ApiKeys } from './tenants/api-keys.ts';
import type { Tenants } from './tenants/tenants.ts';
import type { Users } from './tenants/users.ts';
import { createSecretBox } from './tool-servers/secret-box.ts';
import { createToolServerSource } from './tool-servers/tool-server-source.ts';
import { createToolServers, type ToolServers } from './tool-servers/tool-servers.ts';
import { createBuiltInTools } from './tools/built-in/built-in-tools.ts';
import { createToolRegistry } from './tools/tool-registry.ts';
import type { Usage } from './usage/usage.ts';

/** What the edge can call. */
export interface Services {
  readonly config: Config;
  readonly log: Logger;
  readonly telemetry: Telemetry;
  readonly authenticator: Authenticator;
  readonly chat: Chat;
  readonly runs: Runs;
  readonly sessions: Sessions;
  readonly knowledgeBases: KnowledgeBases;
  readonly documents: Documents;
  readonly reindexing: Reindexing;
  readonly uploads: Uploads;
  readonly quarantine: Quarantine;
  readonly ingestion: Ingestion;
  readonly dropFolders: DropFolders;
  readonly imports: Imports;
  readonly search: Search;
  readonly previewDocument: PreviewDocument;
  readonly inspectChunks: InspectChunks;
  readonly models: ModelList;
  readonly mcp: McpServer;
  readonly toolServers: ToolServers;
  readonly openAi: OpenAi;
  readonly semanticCache: SemanticCache;
  readonly tenants: Tenants;
  readonly users: Users;
  readonly apiKeys: ApiKeys;
  readonly accessExplainer: AccessExplainer;
  readonly idempotentCalls: IdempotentCalls;
  readonly usage: Usage;
  readonly privacy: Privacy;
  readonly audit: Audit;
  /** Reconciles the knowledge bases of all tenants, as far as time allows. */
  reconcileAll(): Promise<void>;
  watchDocument(principal: Principal, reference: DocumentReference): AsyncGenerator<StoredDocument>;
  checkHealth(): Promise<Readiness>;
}

const now = () => new Date();

/** The composition root: joins domains with adapters. Opens no connection; every client waits for its first use. */
export function createServices(config: Config): Services {
  const log = createLogger(config.logLevel);
  const stores = createStores(config);
  const models = createModels(config, stores, now);
  const { gateway, prices, chatModel } = models;
  const governance = createGovernance({ config, stores, prices, newId, now, log });
  const { audit, limiter, meter, tenants, users } = governance;
  const { sessions, messages, pausedRuns, runLog } = stores;
  const knowledge = createKnowledge({ config, stores, models, governance, newId, now, log });
  const { knowledgeBases, documents, retrieval, searchPassages, semanticCache, vectorStore, announce } = knowledge;

  const answering = {
    ...{ gateway, knowledgeBases, retrieval, semanticCache, loadTokenizer, limiter, meter, prices, audit, log, now },
    checkSupport: createSupportCheck(models.questionEmbeddings.indexing),
  };
  const guard = createAddressGuard(config.toolServers.privateHosts);
  const remote = {
    repository: stores.toolServers,
    remoteTools: createRemoteTools({ guard, now }),
    box: createSecretBox(config.toolServers.secretsKey),
    now,
  };
  const chat = createTracedChat({
    ...answering,
    sessions,
    messages,
    pausedRuns,
    documents,
    runLog,
    model: chatModel,
    tools: createToolRegistry([
      createBuiltInTools({ searchPassages, documents, readPage: createHttpReader(), audit, now }),
      createToolServerSource({ ...remote, log }),
    ]),
    newId,
    logger: log,
  });
  const search = createSearch(searchPassages);
  const { langfuse } = config.telemetry;
  const scores = langfuse ? createLangfuseScores(langfuse, log) : noFeedbackScores;
  const dependencies = [...stores.dependencies, models.dependency, governance.dependency, ...knowledge.dependencies];

  return {
    config,
    log,
    telemetry: createTelemetry(config.telemetry, log),
    authenticator: governance.authenticator,
    chat,
    runs: createRuns(runLog, now),
    sessions: createSessions({ sessions, messages, now, scores }),
    knowledgeBases,
    documents,
    reindexing: knowledge.reindexing,
    uploads: knowledge.uploads,
    quarantine: knowledge.quarantine,
    ingestion: knowledge.ingestion,
    dropFolders: knowledge.dropFolders,
    imports: knowledge.imports,
    reconcileAll: knowledge.reconcileAll,
    previewDocument: knowledge.previewDocument,
    inspectChunks: knowledge.inspectChunks,
    openAi: createOpenAi({ ...answering, gateway: traceModelGateway(gateway), chatModel, randomId: newUlid }),
    models: models.list,
    search,
    mcp: createMcpServer({
      tools: createMcpTools({ search, chat, documents, audit }),
      call: (tool, principal, input) => callMcpTool({ audit, log }, tool, principal, input),
    }),
    toolServers: createToolServers({ ...remote, tenants: stores.tenants, refusalOf: guard.refusalOf }),
    semanticCache,
    tenants,
    audit,
    usage: governance.usage,
    users,
    privacy: createPrivacy({
      ...stores,
      ...knowledge.files,
      repository: stores.erasures,
      queue: stores.erasureQueue,
      auditRepository: stores.audit,
      vectorStore,
      announce,
      semanticCache,
      audit,
      log,
    }),
    apiKeys: governance.apiKeys,
    accessExplainer: createAccessExplainer({
      users,
      tenants: governance.directory,
      groups: governance.groups,
      chatModelOf: (person) => gateway.defaultModel(person),
      explainResource: createResourceExplainer(stores),
    }),
    idempotentCalls: createIdempotentCalls({ store: stores.idempotency, now, log }),
    watchDocument: (principal, reference) => watchDocument(documents, principal, reference, now),
    checkHealth: () => checkDependencies(dependencies),
  };
}
