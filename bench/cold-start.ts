import { execFile } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { eagerBytes } from './eager-modules.ts';
import { withPrivateStack } from './private-stack.ts';
import type { Report } from './report.ts';
import { median, percentile, rounded } from './statistics.ts';

const ROUNDS = 11;
const GOAL_MILLISECONDS = 80;
const PROCESS = fileURLToPath(new URL('./cold-start-process.ts', import.meta.url));
const MODULES_SHOWN = 8;
const run = promisify(execFile);

type Timings = Readonly<Record<string, number>>;
type Variant = Readonly<{ name: string; directory: string; environment: Record<string, string> }>;

/** Loads the bundle in fresh processes: as shipped, moved to another folder, and without its compile cache. */
export async function measureColdStart(): Promise<Report> {
  return withPrivateStack(async ({ stack, appDirectory, startApp }) => {
    // Creates the tenant's user, so that no start pays for that.
    await (await startApp()).stop();
    const moved = `${appDirectory}-moved`;
    await cp(appDirectory, moved, { recursive: true });
    const variants: Variant[] = [
      { name: 'compile cache shipped', directory: appDirectory, environment: {} },
      { name: 'the same, moved elsewhere', directory: moved, environment: {} },
      { name: 'no compile cache', directory: appDirectory, environment: { NODE_DISABLE_COMPILE_CACHE: '1' } },
    ];
    const taken = new Map(variants.map(({ name }): [string, Timings[]] => [name, []]));
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const { name, directory, environment } of variants) {
        const env = { ...process.env, ...stack.env, LOG_LEVEL: 'warn', ...environment };
        const loaded = await coldStart([directory], env);
        const answered = await coldStart([directory, stack.urls.identity], env);
        taken.get(name)?.push({ ...loaded, ...answered });
      }
    }
    return report(taken, await eagerBytes());
  });
}

async function coldStart(parameters: string[], env: NodeJS.ProcessEnv): Promise<Timings> {
  const { stdout } = await run(process.execPath, [PROCESS, ...parameters], { env });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Timings;
}

function report(taken: ReadonlyMap<string, readonly Timings[]>, eager: ReadonlyMap<string, number>): Report {
  const figure = (timings: readonly Timings[], name: string) => {
    const values = timings.map((timing) => timing[name] ?? Number.NaN);
    return `${rounded(median(values))} (${rounded(percentile(values, 0))}–${rounded(percentile(values, 1))})`;
  };
  const rows = [...taken].map(([name, timings]) => [
    name,
    ...['loaded', 'live', 'me'].map((point) => figure(timings, point)),
  ]);
  const shipped = median((taken.get('compile cache shipped') ?? []).map(({ loaded = Number.NaN }) => loaded));
  const total = [...eager.values()].reduce((sum, bytes) => sum + bytes, 0);
  const kilobytes = (bytes: number) => rounded(bytes / 1024);
  return {
    title: 'Cold start',
    method:
      `${ROUNDS} interleaved rounds of fresh processes that import the minified bundle, as deployed. The answers come through the ` +
      'local Functions host; `/api/v1/me` verifies a token and reads tenant and user, so it loads the SDK of Cosmos DB.',
    tables: [
      {
        caption: 'Milliseconds from the begin of the import: median (least–most)',
        columns: ['Bundle', 'loaded', 'first `/health/live`', 'first `/api/v1/me`'],
        rows,
      },
      {
        caption: `What is loaded eagerly: ${kilobytes(total)} KB minified`,
        columns: ['Package', 'KB'],
        rows: [...eager].slice(0, MODULES_SHOWN).map(([name, bytes]) => [name, kilobytes(bytes)]),
      },
    ],
    notes: [
      `Goal: loaded in under ${GOAL_MILLISECONDS} ms with the shipped cache: ${shipped < GOAL_MILLISECONDS ? 'met' : 'missed'}.`,
      'The answers include the start of the local host, which looks up every queue before it serves.',
      'A cache is read only by the Node version, processor and user that it was made for; other users get copies in the build.',
    ],
    failures: [],
  };
}
