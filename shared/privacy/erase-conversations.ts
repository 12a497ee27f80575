import { removeSession } from '../chat/remove-session.ts';
import type { RunArchive } from '../chat/run-log.ts';
import type { MessageRepository, SessionRepository } from '../chat/session-repository.ts';
import type { Eraser } from './eraser.ts';

const SESSIONS_AT_ONCE = 25;

export interface ConversationStores {
  readonly sessions: SessionRepository;
  readonly messages: MessageRepository;
  readonly runLog: RunArchive;
}

/** Sessions with their messages. */
export function createSessionEraser({ sessions, messages }: ConversationStores): Eraser {
  return async (subject) => {
    const { items } = await sessions.list(subject, { limit: SESSIONS_AT_ONCE });
    const removed = await Promise.all(items.map(({ id }) => removeSession({ sessions, messages }, subject, id)));
    return { 'database/sessions': items.length, 'database/messages': removed.reduce((sum, count) => sum + count, 0) };
  };
}

/** Runs, also those of sessions that were deleted earlier, and messages that are left of such a session. */
export function createRunEraser({ messages, runLog }: ConversationStores): Eraser {
  return async ({ tenantId, userId }) => {
    let runs = 0;
    let left = 0;
    for await (const page of runLog.pages(tenantId)) {
      const own = page.filter((run) => run.userId === userId);
      for (const sessionId of new Set(own.map((run) => run.sessionId))) {
        left += await messages.removeAll(tenantId, sessionId);
      }
      for (const { runId } of own) await runLog.remove(tenantId, runId);
      runs += own.length;
    }
    return { 'files/runs': runs, 'database/messages': left };
  };
}
