import type { SessionId, TenantId, UserId } from '../contracts/identifiers.ts';
import type { Page, PageQuery } from '../contracts/paging.ts';
import type { Feedback, Message, Session } from '../contracts/sessions.ts';

/** Whose sessions: they belong to one person and nobody else reads them. */
export interface SessionOwner {
  readonly tenantId: TenantId;
  readonly userId: UserId;
}

export interface SessionRepository {
  find(owner: SessionOwner, id: SessionId): Promise<Session | null>;
  /** The latest change first. */
  list(owner: SessionOwner, page: PageQuery): Promise<Page<Session>>;
  /** Those whose last change is longest ago, oldest first; at most `limit`. */
  oldest(owner: SessionOwner, limit: number): Promise<Session[]>;
  /** Leaves a session that is there as it is. */
  create(owner: SessionOwner, session: Session): Promise<void>;
  /** Changes the named fields and adds to the count, whoever else writes. null when the session is gone. */
  update(owner: SessionOwner, id: SessionId, change: SessionChange): Promise<Session | null>;
  remove(owner: SessionOwner, id: SessionId): Promise<void>;
}

export interface SessionChange {
  readonly title?: string | undefined;
  /** null: the default of the tenant. */
  readonly model?: string | null | undefined;
  readonly updatedAt: string;
  readonly addMessages?: number;
}

/** Messages lie in the partition of their session; ask for the session first, it knows its owner. */
export interface MessageRepository {
  /** The newest, oldest of them first; at most `limit`. */
  latest(tenantId: TenantId, sessionId: SessionId, limit: number): Promise<Message[]>;
  /** Oldest first. */
  list(tenantId: TenantId, sessionId: SessionId, page: PageQuery): Promise<Page<Message>>;
  find(tenantId: TenantId, sessionId: SessionId, messageId: string): Promise<Message | null>;
  /** Idempotent: the same id is written once. */
  save(tenantId: TenantId, message: Message): Promise<void>;
  setFeedback(tenantId: TenantId, sessionId: SessionId, messageId: string, feedback: Feedback): Promise<Message | null>;
  /** Removes all messages of a session. Returns how many there were. */
  removeAll(tenantId: TenantId, sessionId: SessionId): Promise<number>;
}
