import type { ChatTurn } from '../contracts/chat.ts';
import type { RunId, SessionId } from '../contracts/identifiers.ts';
import type { Principal } from '../identity/principal.ts';
import type { Passage } from '../knowledge/passage.ts';
import { noteSession } from '../telemetry/invocation.ts';
import { offeredTools } from '../tools/tool-permissions.ts';
import { newAgentState } from './agent-state.ts';
import { estimateInput, PASSAGES_PER_ANSWER } from './estimate-turn.ts';
import { type GatheredTurn, gatherTurn } from './gather-turn.ts';
import { newSession, questionMessage } from './new-session.ts';
import type { PreparedTurn, TurnOptions } from './prepared-turn.ts';
import type { RunLogWriter } from './run-log.ts';
import { lookUpAnswer, type TurnCache } from './turn-cache.ts';
import type { TurnUsage } from './turn-usage.ts';
import { cacheFacts, chooseAndFit, type WantedAnswer } from './wanted-answer.ts';
import { searchedFor } from './whole-question.ts';

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
  const { message: question, model, useCache = true, filters } = turn;
  const wanted = {
    question,
    history,
    knowledgeBases,
    offered,
    model,
    remembered: session?.model,
    difficulty,
    useCache,
    filters,
  };
  const ids = { sessionId, runId };
  const { cache, found, log } = await searchAndWrite(options, principal, turn, {
    ...gathered,
    ...wanted,
    ...ids,
    usage,
  });
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
      searchedFor: searchedFor(turn.message, gathered.embedded),
      choice: fitted.choice,
      messages: [...fitted.messages],
      passages: [...fitted.passages],
      wantedTools: turn.tools,
      knowledgeBaseIds: turn.knowledgeBaseIds ?? session?.knowledgeBaseIds ?? undefined,
      filters,
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

type WantedTurn = GatheredTurn &
  WantedAnswer & { readonly sessionId: SessionId; readonly runId: RunId; readonly usage: TurnUsage };

/** The second round trip. */
async function searchAndWrite(
  options: TurnOptions,
  principal: Principal,
  turn: ChatTurn,
  wanted: WantedTurn,
): Promise<{ cache: TurnCache; found: Passage[] | null; log: RunLogWriter }> {
  const { sessions, messages, runLog, retrieval, semanticCache, gateway, newId, now } = options;
  const { session, knowledgeBases, embedded, sessionId, runId, usage, filters } = wanted;
  const { tenantId, userId } = principal;
  const at = now().toISOString();
  const question = questionMessage({ id: newId('msg'), sessionId, runId, text: turn.message, at });
  const facts = cacheFacts(gateway, principal, wanted, estimateInput(principal, turn));
  const searching = Promise.all([
    embedded && knowledgeBases.length > 0
      ? retrieval.search(principal, knowledgeBases, embedded, { limit: PASSAGES_PER_ANSWER, filters }, usage.add)
      : null,
    runLog.create(runId, { tenantId, userId, sessionId }),
    messages.save(tenantId, question),
    session ? null : sessions.create({ tenantId, userId }, newSession(sessionId, turn, at)),
  ]);
  const lookingUp = lookUpAnswer(semanticCache, principal, facts, embedded, searching);
  const [[found, log], cache] = await Promise.all([searching, lookingUp]);
  return { cache, found, log };
}
