import { STREAM_DONE, type UiMessageChunk } from '../contracts/ui-message-stream.ts';
import type { PreparedTurn, TurnOptions } from './prepared-turn.ts';
import type { RunProgress } from './run.ts';
import { callIdOf } from './tool-step.ts';

/** How long somebody may take to decide. */
const APPROVAL_MILLISECONDS = 24 * 60 * 60_000;

/**
 * Keeps all that a run needs to go on, and returns the chunks that ask for approval: whoever sees the question can answer
 * it, also when this instance is gone by then.
 */
export async function pauseRun(
  { pausedRuns, now }: Pick<TurnOptions, 'pausedRuns' | 'now'>,
  turn: PreparedTurn,
  finish: UiMessageChunk,
  progress: RunProgress,
): Promise<UiMessageChunk[]> {
  const { principal, sessionId, runId, answerId, promptVersion, state } = turn;
  const requests = state.pending.map((call): UiMessageChunk => {
    const id = callIdOf(runId, call);
    return { type: 'tool-approval-request', approvalId: id, toolCallId: id };
  });
  const last: UiMessageChunk[] = [...requests, { type: 'finish-step' }, finish];
  const lastId = progress.lastId();
  const data = [...last.map((chunk) => JSON.stringify(chunk)), STREAM_DONE];
  const paused = {
    tenantId: principal.tenantId,
    userId: principal.userId,
    sessionId,
    runId,
    answerId,
    promptVersion,
    expiresAt: new Date(now().getTime() + APPROVAL_MILLISECONDS).toISOString(),
    tail: data.map((each, index) => ({ id: lastId + 1 + index, data: each })),
    state,
  };
  await Promise.all([progress.flushed(), pausedRuns.save(paused, turn.resumed?.etag ?? null)]);
  return last;
}
