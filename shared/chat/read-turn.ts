import type { ChatTurn } from '../contracts/chat.ts';
import type { SessionId } from '../contracts/identifiers.ts';
import type { Message, Session } from '../contracts/sessions.ts';
import { AppError } from '../errors.ts';
import { derivedId } from '../identifiers.ts';
import type { Principal } from '../identity/principal.ts';
import type { SearchableKnowledgeBase } from '../knowledge/knowledge-content.ts';
import type { EmbeddedQuestion, Retrieval } from '../knowledge/retrieval.ts';
import { offersTools } from '../tools/tool-permissions.ts';
import type { ToolRegistry, ToolSet } from '../tools/tool-registry.ts';
import { chooseKnowledgeBases } from './choose-knowledge-bases.ts';
import type { TurnOptions } from './turn.ts';
import type { TurnUsage } from './turn-usage.ts';
import { wantsSearch } from './wants-search.ts';

const MAX_HISTORY_MESSAGES = 40;
/** Tools of remote servers are kept by their source; a turn does not wait long for those that are not. */
const TOOLS_TIMEOUT_MILLISECONDS = 5_000;

/** What a turn is made of, as the stores have it. */
export interface ReadTurn {
  /** Known before, or named by the client; undefined for a conversation that begins. */
  readonly sessionId: SessionId | undefined;
  readonly session: Session | null;
  readonly history: readonly Message[];
  readonly searchedBases: readonly SearchableKnowledgeBase[];
  readonly tools: ToolSet;
  /** null: nothing is searched. */
  readonly embedded: EmbeddedQuestion | null;
}

/**
 * Reads session, history, knowledge bases and tools in one round trip, while the limits are asked; then the question is
 * embedded.
 * @throws AppError `not_found` for a session or knowledge base that is not there for this principal; of the limits.
 */
export async function readTurn(
  options: TurnOptions,
  principal: Principal,
  turn: ChatTurn,
  usage: TurnUsage,
): Promise<ReadTurn> {
  const { sessions, messages, retrieval } = options;
  const sessionId = turn.sessionId ?? clientSessionId(principal, turn.clientChatId);
  const isSearchWanted = wantsSearch(principal, turn);
  const embedding = isSearchWanted ? embedWhenAdmitted(retrieval, principal, turn.message, usage) : null;
  const [session, history, visible, tools, embedded] = await Promise.all([
    sessionId ? sessions.find(principal, sessionId) : null,
    sessionId ? messages.latest(principal.tenantId, sessionId, MAX_HISTORY_MESSAGES) : [],
    isSearchWanted ? options.knowledgeBases.searchable(principal) : [],
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
  return { sessionId, session, history: session ? history : [], searchedBases, tools, embedded };
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
