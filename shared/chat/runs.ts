import { setTimeout as sleep } from 'node:timers/promises';
import type { RunId } from '../contracts/identifiers.ts';
import { STREAM_DONE } from '../contracts/ui-message-stream.ts';
import { AppError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import { interruptedChunk } from './run.ts';
import type { RunLog, RunLogContent, RunLogEntry } from './run-log.ts';

/** All in milliseconds. */
export interface FollowLimits {
  readonly poll: number;
  /** How long a writer may be silent before it is taken for gone. */
  readonly abandoned: number;
  readonly total: number;
}

/** A writer touches its log every ten seconds, so one that has been silent for a minute is gone. */
export const FOLLOW_LIMITS: FollowLimits = { poll: 200, abandoned: 60_000, total: 10 * 60_000 };

export interface Runs {
  /** The events of a run after a given one, then those to come, from whichever instance writes them. @throws AppError `not_found` */
  resume(principal: Principal, runId: RunId, afterId: number): Promise<AsyncGenerator<RunLogEntry>>;
  /** Asks a run to stop, wherever it runs; what was said until then is kept. @throws AppError `not_found` */
  stop(principal: Principal, runId: RunId): Promise<void>;
}

export function createRuns(runLog: RunLog, now: () => Date, limits: FollowLimits = FOLLOW_LIMITS): Runs {
  async function requireOwner(principal: Principal, runId: RunId): Promise<void> {
    const owner = await runLog.owner(principal.tenantId, runId);
    if (owner?.userId !== principal.userId) throw new AppError('not_found', 'There is no such run.');
  }

  /** Waits for more of the log; null when its writer is gone or nobody should wait any longer. */
  async function readOn(
    principal: Principal,
    runId: RunId,
    from: number,
    until: number,
  ): Promise<RunLogContent | null> {
    for (;;) {
      const content = await runLog.read(principal.tenantId, runId, from);
      if (content.nextOffset > from) return content;
      const at = now().getTime();
      if (at - content.modifiedAt.getTime() > limits.abandoned || at > until) return null;
      await sleep(limits.poll);
    }
  }

  async function* follow(principal: Principal, runId: RunId, afterId: number): AsyncGenerator<RunLogEntry> {
    const until = now().getTime() + limits.total;
    let lastId = afterId;
    for (let content = await readOn(principal, runId, 0, until); content; ) {
      for (const entry of content.entries) {
        if (entry.id > afterId) yield entry;
        if (entry.data === STREAM_DONE) return;
        lastId = entry.id;
      }
      content = await readOn(principal, runId, content.nextOffset, until);
    }
    yield { id: lastId + 1, data: JSON.stringify(interruptedChunk()) };
    yield { id: lastId + 2, data: STREAM_DONE };
  }

  return {
    async resume(principal, runId, afterId) {
      await requireOwner(principal, runId);
      return follow(principal, runId, afterId);
    },
    async stop(principal, runId) {
      await requireOwner(principal, runId);
      await runLog.requestStop(principal.tenantId, runId);
    },
  };
}
