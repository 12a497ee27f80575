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

  /** What there is of a run, part after part; ends after a `[DONE]` that nothing follows, or with a writer that is gone. */
  async function* partsOf(principal: Principal, runId: RunId): AsyncGenerator<readonly RunLogEntry[]> {
    const until = now().getTime() + limits.total;
    let isEnded = false;
    for (let offset = 0; ; ) {
      const content: RunLogContent | null = isEnded
        ? await runLog.read(principal.tenantId, runId, offset)
        : await readOn(principal, runId, offset, until);
      if (!content || (isEnded && content.entries.length === 0)) return;
      yield content.entries;
      isEnded = content.entries.at(-1)?.data === STREAM_DONE;
      offset = content.nextOffset;
    }
  }

  /** Every entry once and in order, whichever of two writers of a paused run wrote it. */
  async function* entriesOf(principal: Principal, runId: RunId): AsyncGenerator<RunLogEntry> {
    let lastId = 0;
    for await (const part of partsOf(principal, runId)) {
      for (const entry of part.filter(({ id }) => id > lastId)) {
        lastId = entry.id;
        yield entry;
      }
    }
  }

  /** A run that waited for approval has several segments; the `[DONE]` of an earlier one does not end the stream. */
  async function* follow(principal: Principal, runId: RunId, afterId: number): AsyncGenerator<RunLogEntry> {
    let last: RunLogEntry = { id: 0, data: '' };
    for await (const entry of entriesOf(principal, runId)) {
      last = entry;
      if (entry.id > afterId && entry.data !== STREAM_DONE) yield entry;
    }
    if (last.data !== STREAM_DONE) {
      const id = Math.max(last.id, afterId) + 1;
      yield { id, data: JSON.stringify(interruptedChunk()) };
      last = { id: id + 1, data: STREAM_DONE };
    }
    if (last.id > afterId) yield last;
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
