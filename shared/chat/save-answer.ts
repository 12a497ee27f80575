import type { ChatAnswer } from '../contracts/chat.ts';
import { currentInvocation } from '../telemetry/invocation.ts';
import type { PreparedTurn, TurnOptions } from './prepared-turn.ts';
import type { SessionChange } from './session-repository.ts';

/** Saves an answer and what it changes of its session. An empty answer is no message; the question counts all the same. */
export async function saveAnswer(
  { messages, sessions, now }: TurnOptions,
  turn: PreparedTurn,
  answer: ChatAnswer,
  title: string | null,
): Promise<void> {
  const { tenantId } = turn.principal;
  const at = now().toISOString();
  const { messageId: id, sessionId, runId, text, citations, model, finishReason, usage } = answer;
  const isMessage = text !== '' && finishReason !== 'awaiting-approval';
  const message = { id, sessionId, runId, text, citations, model, finishReason, usage };
  // The question of a resumed run was counted when it paused.
  const addMessages = (turn.resumed ? 0 : 1) + (isMessage ? 1 : 0);
  const change: SessionChange = { updatedAt: at, addMessages, ...(title !== null && { title }) };
  // In this order, so that whoever deletes the session either finds the answer or is found here.
  const traceId = currentInvocation()?.traceId;
  const made = { role: 'assistant' as const, createdAt: at, feedback: null, ...(traceId && { traceId }) };
  if (isMessage) await messages.save(tenantId, { ...message, ...made });
  const session = await sessions.update(turn.principal, sessionId, change);
  // The session was deleted while it was being answered; nothing of it may stay behind.
  if (!session) await messages.removeAll(tenantId, sessionId);
}
