import type { MessageId, SessionId } from '../contracts/identifiers.ts';
import type { Page, PageQuery } from '../contracts/paging.ts';
import type { Feedback, Message, Session, UpdateSession } from '../contracts/sessions.ts';
import { AppError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import { redactText } from '../telemetry/redact.ts';
import type { FeedbackScore, FeedbackScores } from './feedback-scores.ts';
import { removeSession } from './remove-session.ts';
import type { MessageRepository, SessionRepository } from './session-repository.ts';

/** A person's own conversations; nobody else's are ever found. */
export interface Sessions {
  list(principal: Principal, page: PageQuery): Promise<Page<Session>>;
  /** @throws AppError `not_found` */
  get(principal: Principal, id: SessionId): Promise<Session>;
  update(principal: Principal, id: SessionId, change: UpdateSession): Promise<Session>;
  /** Removes the session and all its messages. */
  remove(principal: Principal, id: SessionId): Promise<void>;
  messages(principal: Principal, id: SessionId, page: PageQuery): Promise<Page<Message>>;
  giveFeedback(principal: Principal, id: SessionId, messageId: MessageId, feedback: Feedback): Promise<Message>;
}

export function createSessions(options: {
  readonly sessions: SessionRepository;
  readonly messages: MessageRepository;
  readonly now: () => Date;
  readonly scores: FeedbackScores;
}): Sessions {
  const { sessions, messages, now, scores } = options;

  async function get(principal: Principal, id: SessionId): Promise<Session> {
    const session = await sessions.find(principal, id);
    if (!session) throw new AppError('not_found', 'There is no such session.');
    return session;
  }

  return {
    get,
    list: (principal, page) => sessions.list(principal, page),
    async update(principal, id, change) {
      const changed = await sessions.update(principal, id, { ...change, updatedAt: now().toISOString() });
      if (!changed) throw new AppError('not_found', 'There is no such session.');
      return changed;
    },
    async remove(principal, id) {
      await get(principal, id);
      await removeSession(options, principal, id);
    },
    async messages(principal, id, page) {
      await get(principal, id);
      return messages.list(principal.tenantId, id, page);
    },
    async giveFeedback(principal, id, messageId, feedback) {
      await get(principal, id);
      const message = await messages.find(principal.tenantId, id, messageId);
      if (message?.role !== 'assistant') throw new AppError('not_found', 'There is no such answer.');
      const changed = await messages.setFeedback(principal.tenantId, id, messageId, feedback);
      if (!changed) throw new AppError('not_found', 'There is no such answer.');
      if (changed.traceId) scores.send(scoreOf(principal, changed.traceId, changed, feedback));
      return changed;
    },
  };
}

/** A comment is text, which traces hold only where the policy says so. */
function scoreOf(
  { tenantChain: [{ policy }] }: Principal,
  traceId: string,
  { id: messageId, sessionId }: Message,
  { rating, comment }: Feedback,
): FeedbackScore {
  const holdsText = comment !== undefined && policy.traceMessageText === true;
  return { traceId, messageId, sessionId, rating, ...(holdsText && { comment: redactText(comment) }) };
}
