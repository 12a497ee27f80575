import type { MessageId, RunId, SessionId, TenantId, UserId } from '../contracts/identifiers.ts';
import type { Versioned } from '../versioned.ts';
import type { AgentState } from './agent-state.ts';
import type { RunLogEntry } from './run-log.ts';

/** A run that waits for somebody to approve its calls, with all that it takes to go on at any instance. */
export interface PausedRun {
  readonly tenantId: TenantId;
  readonly sessionId: SessionId;
  readonly runId: RunId;
  readonly userId: UserId;
  readonly answerId: MessageId;
  readonly promptVersion: string;
  readonly expiresAt: string;
  /** The last entries of its log up to `[DONE]`, in case that whoever paused it vanished before they were written. */
  readonly tail: readonly RunLogEntry[];
  /** null: it was decided, and goes on or has ended. */
  readonly state: AgentState | null;
}

/** Lies with the messages of its session, and is removed with them. */
export interface PausedRunStore {
  find(tenantId: TenantId, sessionId: SessionId, runId: RunId): Promise<Versioned<PausedRun> | null>;
  /**
   * Writes what is new, or what `etag` names. Returns the new entity tag.
   * @throws AppError `conflict` or `precondition_failed` when somebody else wrote, or removed, it meanwhile.
   */
  save(paused: PausedRun, etag: string | null): Promise<string>;
}
