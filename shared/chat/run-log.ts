import type { RunId, SessionId, TenantId, UserId } from '../contracts/identifiers.ts';

export interface RunOwner {
  readonly tenantId: TenantId;
  readonly userId: UserId;
  readonly sessionId: SessionId;
}

export interface RunLogEntry {
  /** Counts from 1 within the run. */
  readonly id: number;
  /** A UI message chunk as JSON, or `[DONE]` at the end. */
  readonly data: string;
}

/** What a reader finds: entries in order, whether somebody asked to stop, and when it was last written. */
export interface RunLogContent {
  readonly entries: readonly RunLogEntry[];
  readonly stopRequested: boolean;
  /** Where to go on reading: pass it as `from` next time. */
  readonly nextOffset: number;
  readonly modifiedAt: Date;
}

/** A run as it is found when all of a tenant are looked through. */
export interface ListedRun {
  readonly runId: RunId;
  readonly userId: string;
  readonly sessionId: SessionId;
}

/** The durable record of a run's events, readable from any instance while it is being written. */
export interface RunLog {
  create(runId: RunId, owner: RunOwner): Promise<RunLogWriter>;
  /** Goes on writing after an earlier writer, at the end of what was read of it. */
  reopen(tenantId: TenantId, runId: RunId, offset: number): Promise<RunLogWriter>;
  /** Who may read a run; null when there is none in that tenant. */
  owner(tenantId: TenantId, runId: RunId): Promise<RunOwner | null>;
  /** What was written at or after a byte offset. */
  read(tenantId: TenantId, runId: RunId, from: number): Promise<RunLogContent>;
  /** Leaves the wish to stop in the log; the writer finds it with its next append or check. */
  requestStop(tenantId: TenantId, runId: RunId): Promise<void>;
}

/** Finds and removes runs, whoever they belong to. */
export interface RunArchive {
  /** All runs of a tenant, the oldest first, in pages. */
  pages(tenantId: TenantId): AsyncGenerator<readonly ListedRun[]>;
  /** Does nothing when it is gone already. A run that is still being written goes on without its log. */
  remove(tenantId: TenantId, runId: RunId): Promise<void>;
}

/** The one writer of a run. Calls follow one another. */
export interface RunLogWriter {
  /** Appends durably; true when somebody has asked to stop. */
  append(entries: readonly RunLogEntry[]): Promise<boolean>;
  /** Keeps the log fresh while there is nothing to write; true when somebody has asked to stop. */
  touch(): Promise<boolean>;
}
