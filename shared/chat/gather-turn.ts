import type { ChatTurn } from '../contracts/chat.ts';
import type { SessionId } from '../contracts/identifiers.ts';
import type { Message, Session } from '../contracts/sessions.ts';
import { AppError } from '../errors.ts';
import { derivedId } from '../identifiers.ts';
import type { Principal } from '../identity/principal.ts';
import type { EmbeddedQuestion } from '../knowledge/embed-question.ts';
import type { SearchableKnowledgeBase } from '../knowledge/knowledge-content.ts';
import type { Difficulty } from '../models/difficulty.ts';
import type { ToolSet } from '../tools/tool-registry.ts';
import { chooseKnowledgeBases } from './choose-knowledge-bases.ts';
import { embedQuestion } from './embed-question.ts';
import { judgeQuestion } from './judge-question.ts';
import { loadTools } from './load-tools.ts';
import type { TurnOptions } from './prepared-turn.ts';
import type { TurnUsage } from './turn-usage.ts';
import { wantsSearch } from './wants-search.ts';
import { wholeQuestion } from './whole-question.ts';

const MAX_HISTORY_MESSAGES = 40;

/** What there is for a turn before anything is written. */
export interface GatheredTurn {
  /** Named by the caller, whether or not the session is there. */
  readonly knownSessionId: SessionId | undefined;
  readonly session: Session | null;
  readonly history: readonly Message[];
  /** What to search. */
  readonly knowledgeBases: readonly SearchableKnowledgeBase[];
  readonly tools: ToolSet;
  readonly difficulty: Difficulty;
  /** What is searched for; its text is not the question where that could not be understood alone. null: nothing is searched. */
  readonly embedded: EmbeddedQuestion | null;
}

/**
 * Reads what a turn needs in one round trip to the stores, while the limits are asked; the question is made whole, embedded
 * and judged once they admit it.
 * @throws AppError `not_found` for a session or knowledge base that is not there for this principal.
 */
export async function gatherTurn(
  options: TurnOptions,
  principal: Principal,
  turn: ChatTurn,
  usage: TurnUsage,
): Promise<GatheredTurn> {
  const { sessions, messages, retrieval } = options;
  const knownSessionId = turn.sessionId ?? clientSessionId(principal, turn.clientChatId);
  const isSearchWanted = wantsSearch(principal, turn);
  const finding = knownSessionId ? sessions.find(principal, knownSessionId) : Promise.resolve(null);
  const reading = knownSessionId ? messages.latest(principal.tenantId, knownSessionId, MAX_HISTORY_MESSAGES) : [];
  // Nobody's messages are told to a model before it is known that the session is the caller's own.
  const history = Promise.all([reading, finding]).then(([found, session]) => (session ? found : []));
  const visible = isSearchWanted ? options.knowledgeBases.searchable(principal) : Promise.resolve([]);
  const choosing = Promise.all([visible, finding]).then(([found, session]) =>
    chooseKnowledgeBases(found, turn, session),
  );
  const asked = { question: turn.message, history };
  const embedding = isSearchWanted
    ? wholeQuestion(options, principal, asked, usage).then((question) =>
        embedQuestion(retrieval, principal, question, choosing, usage),
      )
    : null;
  const judging = judgeQuestion(options, principal, turn, usage);
  const [session, said, knowledgeBases, tools, difficulty, embedded] = await Promise.all([
    finding,
    history,
    choosing,
    loadTools(options.tools, principal, turn.tools),
    judging,
    embedding,
    usage.reserved,
  ]).catch(async (error: unknown) => {
    // What embedding and judging take counts, whatever else failed.
    await Promise.allSettled([embedding, judging]);
    throw error;
  });
  if (turn.sessionId && !session) throw new AppError('not_found', 'There is no such session.');
  return { knownSessionId, session, history: said, knowledgeBases, tools, difficulty, embedded };
}

/** A chat id that a client made up names one session of its user, the same one every time. */
function clientSessionId(principal: Principal, clientChatId: string | undefined): SessionId | undefined {
  return clientChatId && derivedId('ses', principal.tenantId, principal.userId, clientChatId);
}
