import { setTimeout as sleep } from 'node:timers/promises';
import type { RunId } from '../contracts/identifiers.ts';
import type { ToolDecision } from '../contracts/runs.ts';
import { AppError, isAppError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import { noteSession } from '../telemetry/invocation.ts';
import type { Versioned } from '../versioned.ts';
import type { AgentState } from './agent-state.ts';
import { chooseTurnModel } from './choose-turn-model.ts';
import { loadTools } from './load-tools.ts';
import type { PausedRun } from './paused-run.ts';
import type { PreparedTurn, TurnOptions } from './prepared-turn.ts';
import { requireReadable } from './require-readable.ts';
import type { RunLogContent, RunLogWriter } from './run-log.ts';
import { estimateConversation } from './shorten-conversation.ts';
import { callIdOf } from './tool-step.ts';
import { passedBy } from './turn-cache.ts';
import type { TurnUsage } from './turn-usage.ts';

const LOG_POLL_MILLISECONDS = 100;
/** How long whoever paused a run may take to write the end of its segment. */
const LOG_WAIT_MILLISECONDS = 2_000;

/** A paused run with what its principal decided, checked but not yet claimed. */
export interface DecidedRun {
  readonly paused: PausedRun;
  readonly etag: string;
  readonly state: AgentState;
  readonly decisions: ReadonlyMap<string, ToolDecision>;
}

/**
 * Finds a run of the principal that waits, and checks the decisions on it; the model is chosen again under the policy as
 * it is now.
 * @throws AppError `not_found` for a run of somebody else, `conflict` for one that does not wait, or no longer, or that
 * has read what may not be read any more; `unprocessable` when the decisions are not on all calls that wait, and no other.
 */
export async function findDecidedRun(
  options: TurnOptions,
  principal: Principal,
  runId: RunId,
  decisions: readonly ToolDecision[],
): Promise<DecidedRun> {
  const { runLog, pausedRuns, gateway, now } = options;
  const owner = await runLog.owner(principal.tenantId, runId);
  if (owner?.userId !== principal.userId) throw new AppError('not_found', 'There is no such run.');
  const found = await pausedRuns.find(principal.tenantId, owner.sessionId, runId);
  const state = waitingState(found, now());
  const asked = state.pending.map((call) => callIdOf(runId, call));
  const decided = new Map(decisions.map((decision) => [decision.approvalId, decision]));
  if (decided.size !== asked.length || asked.some((id) => !decided.has(id))) {
    throw new AppError('unprocessable', 'Decide on every call that waits, and on no other.', { details: { asked } });
  }
  await requireReadable(options.documents, principal, state.passages);
  const { model, reason } = state.choice;
  const inputTokens = estimateConversation(state.messages);
  const choice = chooseTurnModel(gateway, principal, { asked: model.name, inputTokens, hasTools: true });
  const { value: paused, etag } = found as Versioned<PausedRun>;
  return { paused, etag, state: { ...state, choice: { model: choice.model, reason } }, decisions: decided };
}

function waitingState(found: Versioned<PausedRun> | null, now: Date): AgentState {
  if (!found) throw new AppError('conflict', 'Nothing in this run waits for approval.');
  const { state, expiresAt } = found.value;
  if (!state) throw new AppError('conflict', 'This was decided already.');
  if (Date.parse(expiresAt) > now.getTime()) return state;
  throw new AppError('conflict', 'The time to decide is over. Ask again.');
}

/**
 * Claims a decided run, so that it goes on once, whoever else decides at the same time, and opens its log.
 * @throws AppError `conflict` when somebody else was first, or the run was stopped.
 */
export async function resumeTurn(
  options: TurnOptions,
  principal: Principal,
  { paused, etag, state, decisions }: DecidedRun,
  usage: TurnUsage,
): Promise<{ readonly turn: PreparedTurn; readonly lastId: number }> {
  const { tail, sessionId, runId, answerId } = paused;
  const lastId = tail.at(-1)?.id ?? 0;
  noteSession(sessionId);
  const [tools, end] = await Promise.all([
    loadTools(options.tools, principal, state.wantedTools),
    readToEnd(options, paused, lastId),
    usage.reserved,
  ]);
  if (end.stopRequested) throw new AppError('conflict', 'This run was stopped. Ask again.');
  const claimed = await options.pausedRuns.save({ ...paused, state: null }, etag).catch((error: unknown) => {
    if (!isAppError(error, 'precondition_failed')) throw error;
    throw new AppError('conflict', 'This was decided already.', { cause: error });
  });
  const log: RunLogWriter = await options.runLog.reopen(principal.tenantId, runId, end.nextOffset);
  const missing = tail.filter(({ id }) => id > end.lastId);
  if (missing.length > 0) await log.append(missing);
  const resumed = { decisions, etag: claimed };
  const { promptVersion } = paused;
  const known = { sessionId, runId, answerId, promptVersion, isNewSession: false, searched: null, notices: [] };
  return { turn: { principal, ...known, cache: passedBy, tools, state, log, usage, resumed }, lastId };
}

interface LogEnd extends Pick<RunLogContent, 'stopRequested' | 'nextOffset'> {
  readonly lastId: number;
}

/** Reads a run's log to its end, and waits a little for an entry that must be coming. */
async function readToEnd(
  { runLog, now }: TurnOptions,
  { tenantId, runId }: PausedRun,
  lastId: number,
): Promise<LogEnd> {
  const until = now().getTime() + LOG_WAIT_MILLISECONDS;
  let end: LogEnd = { stopRequested: false, nextOffset: 0, lastId: 0 };
  for (;;) {
    const content = await runLog.read(tenantId, runId, end.nextOffset);
    const isAtEnd = content.nextOffset === end.nextOffset;
    end = {
      stopRequested: end.stopRequested || content.stopRequested,
      nextOffset: content.nextOffset,
      lastId: content.entries.at(-1)?.id ?? end.lastId,
    };
    if (!isAtEnd) continue;
    if (end.lastId >= lastId || now().getTime() >= until) return end;
    await sleep(LOG_POLL_MILLISECONDS);
  }
}
