import type { AuditLog } from '../audit/audit-log.ts';
import type { SemanticCache } from '../cache/semantic-cache.ts';
import type { ChatTurn } from '../contracts/chat.ts';
import type { DocumentId, KnowledgeBaseId, RunId, SessionId } from '../contracts/identifiers.ts';
import type { ToolDecision } from '../contracts/runs.ts';
import type { CheckSupport } from '../grounding/answer-support.ts';
import type { IdPrefix } from '../identifiers.ts';
import type { Principal } from '../identity/principal.ts';
import type { Documents } from '../knowledge/documents.ts';
import type { KnowledgeBases } from '../knowledge/knowledge-bases.ts';
import type { Passage, Retrieval } from '../knowledge/retrieval.ts';
import type { ChatModel } from '../models/chat-model.ts';
import type { ModelGateway } from '../models/model-gateway.ts';
import type { PriceBook } from '../models/price-book.ts';
import type { TokenCounter } from '../models/tokenizer.ts';
import { noteSession } from '../telemetry/invocation.ts';
import { offeredTools } from '../tools/tool-permissions.ts';
import type { ToolRegistry } from '../tools/tool-registry.ts';
import type { UsageMeter } from '../usage/usage-meter.ts';
import type { AgentRun } from './agent-runtime.ts';
import { newAgentState } from './agent-state.ts';
import { estimateInput, PASSAGES_PER_ANSWER } from './estimate-turn.ts';
import { type GatheredTurn, gatherTurn } from './gather-turn.ts';
import type { Notice } from './make-room.ts';
import { newSession, questionMessage } from './new-session.ts';
import type { PausedRunStore } from './paused-run.ts';
import type { RunLog, RunLogWriter } from './run-log.ts';
import type { MessageRepository, SessionRepository } from './session-repository.ts';
import { lookUpAnswer, type TurnCache } from './turn-cache.ts';
import type { TurnUsage } from './turn-usage.ts';
import { cacheFacts, chooseAndFit, type WantedAnswer } from './wanted-answer.ts';

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

/**
 * Prepares a turn in two sequential round trips to the stores: one reads while the limits are asked, one searches while the
 * question, a new session and the run are written. The question is embedded between them.
 * @throws AppError `not_found` for a session or knowledge base that is not there for this principal.
 */
export async function prepareTurn(
  options: TurnOptions,
  principal: Principal,
  turn: ChatTurn,
  usage: TurnUsage,
): Promise<PreparedTurn> {
  const { newId } = options;
  const gathered = await gatherTurn(options, principal, turn, usage);
  const { knownSessionId, session, knowledgeBases, tools } = gathered;
  const knowledgeBaseIds = knowledgeBases.map(({ id }) => id);
  usage.searched(knowledgeBaseIds);
  const sessionId = knownSessionId ?? newId('ses');
  noteSession(sessionId);
  const runId = newId('run');
  const offered = offeredTools(principal.tenantChain[0].policy, tools, turn.tools);
  const { history, difficulty } = gathered;
  const { message: question, model, useCache = true } = turn;
  const wanted = {
    question,
    history,
    knowledgeBases,
    offered,
    model,
    remembered: session?.model,
    difficulty,
    useCache,
  };
  const ids = { sessionId, runId };
  const { cache, found, log } = await searchAndWrite(options, principal, turn, { ...gathered, ...wanted, ...ids });
  const fitted = await chooseAndFit(options, principal, wanted, found);
  return {
    principal,
    sessionId,
    isNewSession: !session,
    runId,
    answerId: newId('msg'),
    tools,
    state: newAgentState({
      question: turn.message,
      choice: fitted.choice,
      messages: [...fitted.messages],
      passages: [...fitted.passages],
      wantedTools: turn.tools,
      knowledgeBaseIds: turn.knowledgeBaseIds ?? session?.knowledgeBaseIds ?? undefined,
    }),
    searched:
      knowledgeBaseIds.length > 0 ? { knowledgeBaseIds, passages: cache.found?.citations ?? fitted.passages } : null,
    cache,
    promptVersion: fitted.promptVersion,
    notices: cache.found ? [] : fitted.notices,
    log,
    usage,
    resumed: null,
  };
}

/** The second round trip. */
async function searchAndWrite(
  options: TurnOptions,
  principal: Principal,
  turn: ChatTurn,
  wanted: GatheredTurn & WantedAnswer & { readonly sessionId: SessionId; readonly runId: RunId },
): Promise<{ cache: TurnCache; found: Passage[] | null; log: RunLogWriter }> {
  const { sessions, messages, runLog, retrieval, semanticCache, gateway, newId, now } = options;
  const { session, knowledgeBases, embedded, sessionId, runId } = wanted;
  const { tenantId, userId } = principal;
  const at = now().toISOString();
  const question = questionMessage({ id: newId('msg'), sessionId, runId, text: turn.message, at });
  const facts = cacheFacts(gateway, principal, wanted, estimateInput(principal, turn));
  const searching = Promise.all([
    embedded && knowledgeBases.length > 0
      ? retrieval.search(principal, knowledgeBases, embedded, PASSAGES_PER_ANSWER)
      : null,
    runLog.create(runId, { tenantId, userId, sessionId }),
    messages.save(tenantId, question),
    session ? null : sessions.create({ tenantId, userId }, newSession(sessionId, turn, at)),
  ]);
  const lookingUp = lookUpAnswer(semanticCache, principal, facts, embedded, searching);
  const [[found, log], cache] = await Promise.all([searching, lookingUp]);
  return { cache, found, log };
}
