import type { SessionId } from '../contracts/identifiers.ts';
import type { MessageRepository, SessionOwner, SessionRepository } from './session-repository.ts';

export interface SessionStores {
  readonly sessions: Pick<SessionRepository, 'remove'>;
  readonly messages: Pick<MessageRepository, 'removeAll'>;
}

/** Removes a session with all its messages. Returns how many messages there were. */
export async function removeSession(
  { sessions, messages }: SessionStores,
  owner: SessionOwner,
  id: SessionId,
): Promise<number> {
  const removed = await messages.removeAll(owner.tenantId, id);
  await sessions.remove(owner, id);
  // An answer that was saved meanwhile; a later one finds no session and removes itself.
  return removed + (await messages.removeAll(owner.tenantId, id));
}
