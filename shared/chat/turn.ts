import type { AuditLog } from '../audit/audit-log.ts';
import type { ChatTurn } from '../contracts/chat.ts';
import type { KnowledgeBaseId, SessionId } from '../contracts/identifiers.ts';
import type { ToolDecision } from '../contracts/runs.ts';
import type { Session } from '../contracts/sessions.ts';
import { AppError } from '../errors.ts';
import { derivedId, type IdPrefix } from '../identifiers.ts';
import type { Principal } from '../identity/principal.ts';
import type { KnowledgeBases } from '../knowledge/knowledge-bases.ts';
import type { EmbeddedQuestion, Passage, Retrieval } from '../knowledge/retrieval.ts';
import { estimateTokens } from '../limits/estimate-tokens.ts';
import type { ChatModel } from '../models/chat-model.ts';
import type { ModelGateway } from '../models/model-gateway.ts';
import type { PriceBook } from '../models/price-book.ts';
import type { TokenCounter } from '../models/tokenizer.ts';
import { offeredTools, offersTools } from '../tools/tool-permissions.ts';
import type { ToolRegistry, ToolSet } from '../tools/tool-registry.ts';
import type { UsageMeter } from '../usage/usage-meter.ts';
import type { AgentRun } from './agent-runtime.ts';
import { newAgentState } from './agent-state.ts';
import { chooseKnowledgeBases } from './choose-knowledge-bases.ts';
import { chooseTurnModel } from './choose-turn-model.ts';
import type { PromptParts } from './fit-prompt.ts';
import { type FittedTurn, fitTurn } from './fit-turn.ts';
import type { Notice } from './make-room.ts';
import { newSession, questionMessage } from './new-session.ts';
import type { PausedRunStore } from './paused-run.ts';
import type { RunLog, RunLogWriter } from './run-log.ts';
import type { MessageRepository, SessionRepository } from './session-repository.ts';
import type { TurnUsage } from './turn-usage.ts';
import { wantsSearch } from './wants-search.ts';

const PASSAGES_PER_ANSWER = 8;
const MAX_HISTORY_MESSAGES = 40;
/** Tools of remote servers are kept by their source; a turn does not wait long for those that are not. */
const TOOLS_TIMEOUT_MILLISECONDS = 5_000;

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
 * Prepares a turn in two sequential round trips to the stores: one reads session, history, knowledge bases and tools while
 * the limits are asked, one searches while the question, a new session and the run are written. The question is embedded
 * between them.
 * @throws AppError `not_found` for a session or knowledge base that is not there for this principal.
 */
export async function prepareTurn(
  options: TurnOptions,
  principal: Principal,
  turn: ChatTurn,
  usage: TurnUsage,
): Promise<PreparedTurn> {
  const { sessions, messages, runLog, retrieval, newId } = options;
  const knownSessionId = turn.sessionId ?? clientSessionId(principal, turn.clientChatId);
  const isSearchWanted = wantsSearch(principal, turn);

  const embedding = isSearchWanted ? embedWhenAdmitted(retrieval, principal, turn.message, usage) : null;
  const [session, history, visible, tools, embedded] = await Promise.all([
    knownSessionId ? sessions.find(principal, knownSessionId) : null,
    knownSessionId ? messages.latest(principal.tenantId, knownSessionId, MAX_HISTORY_MESSAGES) : [],
    isSearchWanted ? options.knowledgeBases.list(principal) : [],
    loadTools(options.tools, principal, turn.tools),
    embedding,
    usage.reserved,
  ]).catch(async (error: unknown) => {
    // What embedding takes counts, whatever else failed.
    await embedding?.catch(() => undefined);
    throw error;
  });
  if (turn.sessionId && !session) throw new AppError('not_found', 'There is no such session.');
  const searchedBases = chooseKnowledgeBases(visible, turn, session);
  const searchedIds = searchedBases.map(({ id }) => id);
  usage.searched(searchedIds);

  const at = options.now().toISOString();
  const sessionId = knownSessionId ?? newId('ses');
  const runId = newId('run');
  const owner = { tenantId: principal.tenantId, userId: principal.userId };
  // The semantic cache is looked up here, beside the search.
  const [found, log] = await Promise.all([
    embedded && searchedIds.length > 0
      ? retrieval.search(principal, searchedBases, embedded, PASSAGES_PER_ANSWER)
      : null,
    runLog.create(runId, { ...owner, sessionId }),
    messages.save(principal.tenantId, questionMessage({ id: newId('msg'), sessionId, runId, text: turn.message, at })),
    session ? null : sessions.create(owner, newSession(sessionId, turn, at)),
  ]);
  const parts = { passages: found, history: session ? history : [], question: turn.message };
  const fitted = await chooseAndFit(options, principal, { turn, session, tools, parts });
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
    searched: searchedIds.length > 0 ? { knowledgeBaseIds: searchedIds, passages: fitted.passages } : null,
    notices: fitted.notices,
    log,
    usage,
    resumed: null,
  };
}

/** The tools of a principal's tenant, if its policy lets any be called and the turn wants any. */
export async function loadTools(
  registry: ToolRegistry,
  principal: Principal,
  wanted: readonly string[] | undefined,
): Promise<ToolSet> {
  if (!offersTools(principal.tenantChain[0].policy, wanted)) return new Map();
  return registry.tools(principal, AbortSignal.timeout(TOOLS_TIMEOUT_MILLISECONDS));
}

interface Gathered {
  readonly turn: ChatTurn;
  readonly session: Session | null;
  readonly tools: ToolSet;
  readonly parts: PromptParts;
}

function chooseAndFit(
  options: TurnOptions,
  principal: Principal,
  { turn, session, tools, parts }: Gathered,
): Promise<FittedTurn> {
  const offered = offeredTools(principal.tenantChain[0].policy, tools, turn.tools);
  const texts = [
    parts.question,
    ...parts.history.map(({ text }) => text),
    ...(parts.passages ?? []).map(({ text }) => text),
  ];
  const inputTokens = texts.reduce((sum, text) => sum + estimateTokens(text), 0);
  const question = { asked: turn.model, remembered: session?.model, inputTokens, hasTools: offered.length > 0 };
  const choice = chooseTurnModel(options.gateway, principal, question);
  const usable = choice.model.abilities.includes('tools') ? offered : [];
  return fitTurn(options, principal, choice, usable, parts);
}

/** A turn that the limits refuse costs nothing. */
async function embedWhenAdmitted(
  retrieval: Retrieval,
  principal: Principal,
  text: string,
  usage: TurnUsage,
): Promise<EmbeddedQuestion> {
  await usage.reserved;
  const embedded = await retrieval.embed(principal, text);
  usage.add('embedding', embedded.model, embedded.usage);
  return embedded;
}

/** A chat id that a client made up names one session of its user, the same one every time. */
function clientSessionId(principal: Principal, clientChatId: string | undefined): SessionId | undefined {
  return clientChatId && derivedId('ses', principal.tenantId, principal.userId, clientChatId);
}
