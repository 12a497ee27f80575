import type { AuditLog } from '../audit/audit-log.ts';
import type { ChatTurn } from '../contracts/chat.ts';
import type { KnowledgeBaseId, MessageId, RunId, SessionId } from '../contracts/identifiers.ts';
import type { KnowledgeBase } from '../contracts/knowledge-bases.ts';
import type { Message, Session } from '../contracts/sessions.ts';
import { AppError } from '../errors.ts';
import { derivedId, type IdPrefix } from '../identifiers.ts';
import type { Principal } from '../identity/principal.ts';
import type { KnowledgeBases } from '../knowledge/knowledge-bases.ts';
import type { EmbeddedQuestion, Passage, Retrieval } from '../knowledge/retrieval.ts';
import type { ChatModel, ChatModelMessage } from '../models/chat-model.ts';
import type { ModelChoice } from '../models/model-gateway.ts';
import type { PriceBook } from '../models/price-book.ts';
import type { TokenCounter } from '../models/tokenizer.ts';
import type { UsageMeter } from '../usage/usage-meter.ts';
import { fitPrompt } from './fit-prompt.ts';
import type { RunLog, RunLogWriter } from './run-log.ts';
import type { MessageRepository, SessionRepository } from './session-repository.ts';
import type { TurnUsage } from './turn-usage.ts';
import { wantsSearch } from './wants-search.ts';

const PASSAGES_PER_ANSWER = 8;
const MAX_HISTORY_MESSAGES = 40;
const FIRST_TITLE_CHARACTERS = 60;

export interface TurnOptions {
  readonly sessions: SessionRepository;
  readonly messages: MessageRepository;
  readonly runLog: RunLog;
  readonly knowledgeBases: KnowledgeBases;
  readonly retrieval: Retrieval;
  readonly model: ChatModel;
  readonly loadTokenizer: () => Promise<TokenCounter>;
  readonly meter: UsageMeter;
  readonly prices: PriceBook;
  readonly audit: AuditLog;
  readonly newId: (prefix: IdPrefix) => string;
  readonly now: () => Date;
}

/** Everything an answer needs, read and written before the model is called. */
export interface PreparedTurn {
  readonly principal: Principal;
  readonly sessionId: SessionId;
  readonly isNewSession: boolean;
  readonly runId: RunId;
  readonly answerId: MessageId;
  readonly question: string;
  readonly choice: ModelChoice;
  readonly prompt: readonly ChatModelMessage[];
  readonly searchedKnowledgeBaseIds: readonly KnowledgeBaseId[];
  /** What the prompt holds, in the order of its numbers; empty when nothing was searched. */
  readonly passages: readonly Passage[];
  readonly log: RunLogWriter;
  readonly usage: TurnUsage;
}

/**
 * Prepares a turn in two sequential round trips to the stores: one reads session, history and knowledge bases while the
 * limits are asked, one searches while the question, a new session and the run are written. The question is embedded
 * between them.
 * @throws AppError `not_found` for a session or knowledge base that is not there for this principal.
 */
export async function prepareTurn(
  options: TurnOptions,
  principal: Principal,
  turn: ChatTurn,
  { choice, usage }: { readonly choice: ModelChoice; readonly usage: TurnUsage },
): Promise<PreparedTurn> {
  const { sessions, messages, runLog, retrieval, newId } = options;
  const knownSessionId = turn.sessionId ?? clientSessionId(principal, turn.clientChatId);
  const isSearchWanted = wantsSearch(principal, turn);

  const embedding = isSearchWanted ? embedWhenAdmitted(retrieval, principal, turn.message, usage) : null;
  const [session, history, visible, embedded] = await Promise.all([
    knownSessionId ? sessions.find(principal, knownSessionId) : null,
    knownSessionId ? messages.latest(principal.tenantId, knownSessionId, MAX_HISTORY_MESSAGES) : [],
    isSearchWanted ? options.knowledgeBases.list(principal) : [],
    embedding,
    usage.reserved,
  ]).catch(async (error: unknown) => {
    // What embedding takes counts, whatever else failed.
    await embedding?.catch(() => undefined);
    throw error;
  });
  if (turn.sessionId && !session) throw new AppError('not_found', 'There is no such session.');
  const searched = chooseKnowledgeBases(visible, turn, session);
  const searchedKnowledgeBaseIds = searched.map(({ id }) => id);
  usage.searched(searchedKnowledgeBaseIds);

  const at = options.now().toISOString();
  const sessionId = knownSessionId ?? newId('ses');
  const runId = newId('run');
  const owner = { tenantId: principal.tenantId, userId: principal.userId };
  const [found, log] = await Promise.all([
    embedded && searched.length > 0 ? retrieval.search(principal, searched, embedded, PASSAGES_PER_ANSWER) : null,
    runLog.create(runId, { ...owner, sessionId }),
    messages.save(principal.tenantId, questionMessage({ id: newId('msg'), sessionId, runId, text: turn.message, at })),
    session ? null : sessions.create(owner, newSession(sessionId, turn, at)),
  ]);
  const parts = { passages: found, history: session ? history : [], question: turn.message };
  const { messages: prompt, passages } = await fitPrompt(
    parts,
    choice.model.contextTokens - choice.model.maxOutputTokens,
    options.loadTokenizer,
  );
  return {
    principal,
    sessionId,
    isNewSession: !session,
    runId,
    answerId: newId('msg'),
    question: turn.message,
    choice,
    searchedKnowledgeBaseIds,
    passages,
    prompt,
    log,
    usage,
  };
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

function chooseKnowledgeBases(
  visible: readonly KnowledgeBase[],
  turn: ChatTurn,
  session: Session | null,
): readonly KnowledgeBase[] {
  const wanted = turn.knowledgeBaseIds;
  if (wanted?.some((id) => !visible.some((knowledgeBase) => knowledgeBase.id === id))) {
    throw new AppError('not_found', 'There is no such knowledge base.');
  }
  const ids = wanted ?? session?.knowledgeBaseIds;
  return ids ? visible.filter((knowledgeBase) => ids.includes(knowledgeBase.id)) : visible;
}

function newSession(id: SessionId, turn: ChatTurn, at: string): Session {
  const isLong = turn.message.length > FIRST_TITLE_CHARACTERS;
  return {
    id,
    title: isLong ? `${turn.message.slice(0, FIRST_TITLE_CHARACTERS).trimEnd()}…` : turn.message,
    knowledgeBaseIds: turn.knowledgeBaseIds ?? null,
    messageCount: 0,
    createdAt: at,
    updatedAt: at,
  };
}

function questionMessage(facts: Pick<Message, 'id' | 'sessionId' | 'runId' | 'text'> & { at: string }): Message {
  const { at, ...message } = facts;
  const none = { citations: [], model: null, finishReason: null, usage: null, feedback: null };
  return { ...message, role: 'user', createdAt: at, ...none };
}
