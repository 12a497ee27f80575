import type { AuditLog } from '../audit/audit-log.ts';
import type { SemanticCache } from '../cache/semantic-cache.ts';
import type { DocumentId, KnowledgeBaseId } from '../contracts/identifiers.ts';
import type { ToolDecision } from '../contracts/runs.ts';
import type { CheckSupport } from '../grounding/answer-support.ts';
import type { IdPrefix } from '../identifiers.ts';
import type { Documents } from '../knowledge/documents.ts';
import type { KnowledgeBases } from '../knowledge/knowledge-bases.ts';
import type { Retrieval } from '../knowledge/retrieval.ts';
import type { ChatModel } from '../models/chat-model.ts';
import type { ModelGateway } from '../models/model-gateway.ts';
import type { PriceBook } from '../models/price-book.ts';
import type { TokenCounter } from '../models/tokenizer.ts';
import type { ToolRegistry } from '../tools/tool-registry.ts';
import type { UsageMeter } from '../usage/usage-meter.ts';
import type { AgentRun } from './agent-run.ts';
import type { Notice } from './make-room.ts';
import type { PausedRunStore } from './paused-run.ts';
import type { RunLog, RunLogWriter } from './run-log.ts';
import type { MessageRepository, SessionRepository } from './session-repository.ts';
import type { TurnCache } from './turn-cache.ts';

/** What turns are made with. */
export interface TurnOptions {
  readonly sessions: SessionRepository;
  readonly messages: MessageRepository;
  readonly pausedRuns: PausedRunStore;
  readonly runLog: RunLog;
  readonly knowledgeBases: KnowledgeBases;
  readonly documents: Pick<Documents, 'get'>;
  readonly retrieval: Retrieval;
  readonly semanticCache: SemanticCache;
  readonly checkSupport: CheckSupport;
  readonly model: ChatModel;
  readonly gateway: ModelGateway;
  readonly tools: ToolRegistry;
  readonly loadTokenizer: () => Promise<TokenCounter>;
  readonly meter: UsageMeter;
  readonly prices: PriceBook;
  readonly audit: AuditLog;
  readonly newId: (prefix: IdPrefix) => string;
  readonly now: () => Date;
}

/** A segment of a run that is ready to be answered: its beginning, or what follows an approval. */
export interface PreparedTurn extends AgentRun {
  readonly isNewSession: boolean;
  /** What was searched before the model is asked; null when that was nothing. */
  readonly searched: {
    readonly knowledgeBaseIds: readonly KnowledgeBaseId[];
    readonly passages: readonly { readonly documentId: DocumentId }[];
  } | null;
  readonly cache: TurnCache;
  /** Of the instructions that the model got. */
  readonly promptVersion: string;
  readonly notices: readonly Notice[];
  readonly log: RunLogWriter;
  /** What follows an approval; null at the beginning. */
  readonly resumed: {
    readonly decisions: ReadonlyMap<string, ToolDecision>;
    /** Of the paused run, which this segment alone may pause again. */
    readonly etag: string;
  } | null;
}
