import { removeSession } from '../chat/remove-session.ts';
import type { RunId, SessionId, TenantId, UserId } from '../contracts/identifiers.ts';
import type { Page } from '../contracts/paging.ts';
import type { Message } from '../contracts/sessions.ts';
import { firstIdAt } from '../identifiers.ts';
import type { ConversationStores } from './erase-conversations.ts';
import type { Expirer, Expiry } from './expirer.ts';

const SESSIONS_AT_ONCE = 100;
const MESSAGES_AT_ONCE = 100;

/** Sessions that nobody has changed for long, with their messages and runs. */
export function createSessionExpirer(stores: ConversationStores): Expirer {
  const { sessions, messages, runLog } = stores;

  async function runsOf(tenantId: TenantId, sessionId: SessionId): Promise<Set<RunId>> {
    const runs = new Set<RunId>();
    let continuation: string | null | undefined;
    while (continuation !== null) {
      const page: Page<Message> = await messages.list(tenantId, sessionId, {
        limit: MESSAGES_AT_ONCE,
        ...(continuation !== undefined && { continuation }),
      });
      for (const { runId } of page.items) runs.add(runId);
      continuation = page.continuation;
    }
    return runs;
  }

  async function expireOf(userId: UserId, { tenantId, before, isTimeUp }: Expiry): Promise<number> {
    for (let removed = 0; ; ) {
      const oldest = await sessions.oldest({ tenantId, userId }, SESSIONS_AT_ONCE);
      const expired = oldest.filter(({ updatedAt }) => updatedAt < before);
      for (const { id } of expired) {
        for (const runId of await runsOf(tenantId, id)) await runLog.remove(tenantId, runId);
        await removeSession(stores, { tenantId, userId }, id);
      }
      removed += expired.length;
      if (expired.length < SESSIONS_AT_ONCE || isTimeUp()) return removed;
    }
  }

  return {
    kind: 'sessions',
    async expire(expiry) {
      let removed = 0;
      for (const userId of expiry.people) {
        if (expiry.isTimeUp()) break;
        removed += await expireOf(userId, expiry);
      }
      return removed;
    },
  };
}

/** Logs of answers that began long ago. */
export function createRunExpirer({ runLog }: Pick<ConversationStores, 'runLog'>): Expirer {
  return {
    kind: 'runs',
    async expire({ tenantId, before, held, isTimeUp }) {
      const firstKept = firstIdAt('run', new Date(before));
      let removed = 0;
      for await (const page of runLog.pages(tenantId)) {
        const expired = page.filter(({ runId }) => runId < firstKept);
        for (const { runId, userId } of expired) {
          if (held.has(userId)) continue;
          await runLog.remove(tenantId, runId);
          removed += 1;
        }
        // The oldest come first.
        if (expired.length < page.length || isTimeUp()) break;
      }
      return removed;
    },
  };
}
