import type { AuditLog } from '../audit/audit-log.ts';
import type { ChatTurn } from '../contracts/chat.ts';
import type { KnowledgeBaseId, RunId, SessionId } from '../contracts/identifiers.ts';
import type { ToolDecision } from '../contracts/runs.ts';
import type { IdPrefix } from '../identifiers.ts';
import type { Principal } from '../identity/principal.ts';
import type { KnowledgeBases } from '../knowledge/knowledge-bases.ts';
import type { Passage, Retrieval } from '../knowledge/retrieval.ts';
import { estimateTokens } from '../limits/estimate-tokens.ts';
import type { ChatModel } from '../models/chat-model.ts';
import type { ModelGateway } from '../models/model-gateway.ts';
import type { PriceBook } from '../models/price-book.ts';
import type { TokenCounter } from '../models/tokenizer.ts';
import { offeredTools } from '../tools/tool-permissions.ts';
import type { ToolRegistry } from '../tools/tool-registry.ts';
import type { UsageMeter } from '../usage/usage-meter.ts';
import type { AgentRun } from './agent-runtime.ts';
import { newAgentState } from './agent-state.ts';
import { chooseTurnModel } from './choose-turn-model.ts';
import { type FittedTurn, fitTurn } from './fit-turn.ts';
import { type GatheredTurn, gatherTurn } from './gather-turn.ts';
import type { Notice } from './make-room.ts';
import { newSession, questionMessage } from './new-session.ts';
import type { PausedRunStore } from './paused-run.ts';
import type { RunLog, RunLogWriter } from './run-log.ts';
import type { MessageRepository, SessionRepository } from './session-repository.ts';
import type { TurnUsage } from './turn-usage.ts';

const PASSAGES_PER_ANSWER = 8;

export interface TurnOptions {
  readonly sessions: SessionRepository;
  readonly messages: MessageRepository;
  readonly pausedRuns: PausedRunStore;
  readonly runLog: RunLog;
  readonly knowledgeBases: KnowledgeBases;
  readonly retrieval: Retrieval;
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
    readonly passages: readonly Passage[];
  } | null;
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
  const runId = newId('run');
  const { found, log } = await searchAndWrite(options, principal, turn, { ...gathered, sessionId, runId });
  const fitted = await chooseAndFit(options, principal, turn, { ...gathered, found });
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
    searched: knowledgeBaseIds.length > 0 ? { knowledgeBaseIds, passages: fitted.passages } : null,
    notices: fitted.notices,
    log,
    usage,
    resumed: null,
  };
}

/** The second round trip. The semantic cache is looked up here, beside the search. */
async function searchAndWrite(
  { sessions, messages, runLog, retrieval, newId, now }: TurnOptions,
  principal: Principal,
  turn: ChatTurn,
  { session, knowledgeBases, embedded, sessionId, runId }: GatheredTurn & { sessionId: SessionId; runId: RunId },
): Promise<{ found: Passage[] | null; log: RunLogWriter }> {
  const { tenantId, userId } = principal;
  const at = now().toISOString();
  const question = questionMessage({ id: newId('msg'), sessionId, runId, text: turn.message, at });
  const [found, log] = await Promise.all([
    embedded && knowledgeBases.length > 0
      ? retrieval.search(principal, knowledgeBases, embedded, PASSAGES_PER_ANSWER)
      : null,
    runLog.create(runId, { tenantId, userId, sessionId }),
    messages.save(tenantId, question),
    session ? null : sessions.create({ tenantId, userId }, newSession(sessionId, turn, at)),
  ]);
  return { found, log };
}

function chooseAndFit(
  options: TurnOptions,
  principal: Principal,
  turn: ChatTurn,
  { session, history, tools, difficulty, found }: GatheredTurn & { readonly found: readonly Passage[] | null },
): Promise<FittedTurn> {
  const offered = offeredTools(principal.tenantChain[0].policy, tools, turn.tools);
  const texts = [turn.message, ...[...history, ...(found ?? [])].map(({ text }) => text)];
  const choice = chooseTurnModel(options.gateway, principal, {
    asked: turn.model,
    remembered: session?.model,
    inputTokens: texts.reduce((sum, text) => sum + estimateTokens(text), 0),
    hasTools: offered.length > 0,
    difficulty,
  });
  const usable = choice.model.abilities.includes('tools') ? offered : [];
  return fitTurn(options, principal, choice, usable, { passages: found, history, question: turn.message });
}
