import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCosmos } from '../local/emulators/cosmos/server.ts';
import type { Policy } from '../shared/contracts/policy.ts';
import { newId } from '../shared/identifiers.ts';
import type { Spender } from '../shared/limits/token-rate-limiter.ts';
import type { Figures, Work } from './limits-instance.ts';
import type { Report, Table } from './report.ts';
import { percentile, rounded } from './statistics.ts';

const BURSTS = [10, 50, 200, 500];
const TOKENS = 10;
const WARM_UP = 100;
const ALONE = 300;
const SUSTAINED = 1_000;
const SUSTAINED_PARALLEL = 16;
const ON_A_MAP = 50_000;
const PLENTY = 1_000_000_000;
const plenty = { tokensPerMinute: PLENTY, requestsPerMinute: PLENTY };

interface Instance {
  perform(work: Partial<Work> & Pick<Work, 'spender' | 'reservations' | 'parallel'>): Promise<Figures>;
  stop(): void;
}

/** Reserves from two processes that share nothing but the counters in the local Cosmos DB. */
export async function measureLimits(): Promise<Report> {
  const stateDirectory = await mkdtemp(join(tmpdir(), 'platform-bench-'));
  const emulator = await startCosmos({ port: 0, stateDirectory });
  const settings = {
    COSMOS_ENDPOINT: emulator.url,
    COSMOS_KEY: emulator.key,
    NODE_EXTRA_CA_CERTS: emulator.certificateAuthorityPath,
  };
  const one = await startInstance(settings);
  const other = await startInstance(settings);
  try {
    return await measure(one, other);
  } finally {
    one.stop();
    other.stop();
    await emulator.stop();
    await rm(stateDirectory, { recursive: true, force: true });
  }
}

async function measure(one: Instance, other: Instance): Promise<Report> {
  const warmUp = { spender: spenderWith({ tenantLimits: plenty }), reservations: WARM_UP, parallel: 8 };
  await Promise.all([one.perform(warmUp), other.perform(warmUp)]);
  const failures: string[] = [];
  const bursts: string[][] = [];
  for (const calls of BURSTS) bursts.push(await measureBurst(one, other, calls, failures));
  return {
    title: 'Limits',
    method:
      'Two processes with a limiter each, on one local Cosmos DB in a third; all three share the cores, so the times are ' +
      'those of the emulator more than those of Azure. In a burst, as many calls at once as stated, half from each ' +
      'process, want twice of what the limit allows.',
    tables: [
      {
        caption: 'Admitted against the limit, two instances',
        columns: ['Calls at once', 'Limit', 'Admitted', 'Refused', 'Overshoot', 'p50 ms', 'p95 ms'],
        rows: bursts,
      },
      await latencyTable(one),
      await throughputTable(one, other),
    ],
    notes: [
      'Goal: overshoot 0, nothing left unused, and one storage round trip for a reservation: its calls to the store, one ' +
        'for each scope, go out together.',
      '“Limiter alone” has a store that grants at once, so it is the cost of the limiter itself.',
    ],
    failures,
  };
}

async function measureBurst(one: Instance, other: Instance, calls: number, failures: string[]): Promise<string[]> {
  const fitting = calls / 2;
  const spender = spenderWith({ tenantLimits: { tokensPerMinute: fitting * TOKENS } });
  const work = { spender, reservations: calls / 2, parallel: calls / 2 };
  const figures = await Promise.all([one.perform(work), other.perform(work)]);
  const admitted = figures.reduce((sum, figure) => sum + figure.admitted, 0);
  const refused = figures.reduce((sum, figure) => sum + figure.refused, 0);
  const latencies = figures.flatMap((figure) => figure.latencies);
  failures.push(...figures.flatMap((figure) => figure.failures));
  if (admitted !== fitting) failures.push(`Of ${calls} calls at once ${admitted} were admitted, not ${fitting}.`);
  const overshoot = Math.max(0, admitted - fitting);
  return [calls, fitting, admitted, refused, overshoot].map(String).concat(timesOf(latencies));
}

async function latencyTable(one: Instance): Promise<Table> {
  const limited = { tenantLimits: plenty };
  const cases: readonly [string, Spender][] = [
    ['one: the tenant', spenderWith(limited)],
    ['four: the user, its tenant and two above', spenderWith({ ...limited, userLimits: plenty }, limited, limited)],
  ];
  const rows: string[][] = [];
  for (const [name, spender] of cases) {
    await one.perform({ spender, reservations: 1, parallel: 1 });
    const { latencies, storeCalls } = await one.perform({ spender, reservations: ALONE, parallel: 1, settle: true });
    rows.push([name, rounded(storeCalls / ALONE), ...timesOf(latencies)]);
  }
  return {
    caption: 'A reservation, one at a time',
    columns: ['Scopes with limits', 'Store calls, together', 'p50 ms', 'p95 ms'],
    rows,
  };
}

async function throughputTable(one: Instance, other: Instance): Promise<Table> {
  const work = { reservations: SUSTAINED, parallel: SUSTAINED_PARALLEL, settle: true };
  const both = await Promise.all(
    [one, other].map((instance) => instance.perform({ ...work, spender: spenderWith({ tenantLimits: plenty }) })),
  );
  const spender = spenderWith({ tenantLimits: plenty, userLimits: plenty });
  const alone = { spender, reservations: ON_A_MAP, parallel: SUSTAINED_PARALLEL, store: 'map' as const };
  await one.perform(alone);
  const { seconds, latencies } = await one.perform(alone);
  const perSecond = (2 * SUSTAINED) / Math.max(...both.map((figures) => figures.seconds));
  return {
    caption: 'Reservations a second',
    columns: ['Setting', 'A second', 'p50 ms', 'p95 ms'],
    rows: [
      [
        `two instances, ${SUSTAINED_PARALLEL} at a time each, reserved and settled`,
        rounded(perSecond),
        ...timesOf(both.flatMap((figures) => figures.latencies)),
      ],
      ['limiter alone, two scopes', rounded(ON_A_MAP / seconds), ...timesOf(latencies)],
    ],
  };
}

function timesOf(latencies: readonly number[]): string[] {
  return [rounded(percentile(latencies, 0.5)), rounded(percentile(latencies, 0.95))];
}

function spenderWith(policy: Policy, ...above: Policy[]): Spender {
  const link = (allowed: Policy) => ({ id: newId('ten'), policy: allowed });
  return { userId: newId('ses'), tenantChain: [link(policy), ...above.map(link)] };
}

async function startInstance(settings: Readonly<Record<string, string>>): Promise<Instance> {
  const child = fork(new URL('limits-instance.ts', import.meta.url), { env: { ...process.env, ...settings } });
  const [ready] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
  if (ready !== 'ready') throw new Error('An instance of the limiter did not start.');
  return {
    async perform(work) {
      child.send({ tokens: TOKENS, settle: false, store: 'cosmos', ...work } satisfies Work);
      const [figures] = (await once(child, 'message')) as [Figures];
      return figures;
    },
    stop: () => child.kill(),
  };
}
