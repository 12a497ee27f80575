import { describe, expect, it } from 'vitest';
import type { RunLog, RunLogEntry, RunOwner } from '../../../shared/chat/run-log.ts';
import { createRuns } from '../../../shared/chat/runs.ts';
import type { Principal } from '../../../shared/identity/principal.ts';

const OWNER: RunOwner = { tenantId: 'ten_1', userId: 'user-1', sessionId: 'ses_1' };
const RUN = 'run_1';
const principal = { tenantId: 'ten_1', userId: 'user-1' } as Principal;
const ABANDONED = 60_000;

interface Story {
  /** What each read finds, in turn; then nothing more. */
  readonly reads: readonly (readonly RunLogEntry[])[];
  /** By how much the clock goes on with each read, in milliseconds. */
  readonly step: number;
  /** Whether the writer keeps its log fresh. */
  readonly alive?: boolean;
}

function tell({ reads, step, alive = false }: Story) {
  let clock = Date.parse('2026-01-01T00:00:00Z');
  let modified = clock;
  let readsLeft = [...reads];
  let count = 0;
  const runLog: RunLog = {
    create: () => Promise.reject(new Error('not here')),
    reopen: () => Promise.reject(new Error('not here')),
    owner: async (_, runId) => (runId === RUN ? OWNER : null),
    async read(_tenantId, _runId, from) {
      count += 1;
      clock += step;
      const [entries = [], ...rest] = readsLeft;
      readsLeft = rest;
      if (alive || entries.length > 0) modified = clock;
      return { entries, stopRequested: false, nextOffset: from + entries.length, modifiedAt: new Date(modified) };
    },
    requestStop: async () => undefined,
  };
  const runs = createRuns(runLog, () => new Date(clock), { poll: 0, abandoned: ABANDONED, total: 600_000 });
  return { runs, reads: () => count };
}

const entry = (id: number, data = `{"n":${id}}`): RunLogEntry => ({ id, data });
const DONE = entry(4, '[DONE]');
const interrupted = expect.stringContaining('"type":"error"');

async function follow(story: Story, afterId = 0) {
  const { runs, reads } = tell(story);
  const entries: RunLogEntry[] = [];
  for await (const each of await runs.resume(principal, RUN, afterId)) entries.push(each);
  return { entries, reads: reads() };
}

describe('following a run', () => {
  it('gives every event after the one named, as they come', async () => {
    const reads = [[entry(1), entry(2)], [], [entry(3)], [DONE]];
    expect((await follow({ reads, step: 200 })).entries).toEqual([entry(1), entry(2), entry(3), DONE]);
    expect((await follow({ reads, step: 200 }, 2)).entries).toEqual([entry(3), DONE]);
    expect((await follow({ reads, step: 200 }, 4)).entries).toEqual([]);
  });

  it('ends with an error when the writer has been silent for a minute', async () => {
    const { entries, reads } = await follow({ reads: [[entry(1), entry(2)]], step: 1_000 });

    expect(entries).toEqual([entry(1), entry(2), entry(3, interrupted), DONE]);
    expect(reads).toBe(1 + ABANDONED / 1_000 + 1);
  });

  it('ends with an error when nothing was ever written', async () => {
    const { entries } = await follow({ reads: [], step: 10_000 });
    expect(entries).toEqual([entry(1, interrupted), entry(2, '[DONE]')]);
  });

  it('waits for a writer that is slow but alive, up to ten minutes', async () => {
    const { entries, reads } = await follow({ reads: [[entry(1)]], step: 10_000, alive: true });

    expect(entries.at(-2)?.data).toEqual(interrupted);
    expect(reads).toBeGreaterThan(ABANDONED / 10_000);
    expect(reads).toBeLessThanOrEqual(62);
  });
});

describe('a run of somebody else', () => {
  it.each([
    ['another user', { ...principal, userId: 'user-2' }, RUN],
    ['nobody', principal, 'run_2'],
  ])('is not found: %s', async (_, who, runId) => {
    const { runs } = tell({ reads: [], step: 0 });
    await expect(runs.resume(who, runId, 0)).rejects.toMatchObject({ code: 'not_found' });
    await expect(runs.stop(who, runId)).rejects.toMatchObject({ code: 'not_found' });
  });
});
