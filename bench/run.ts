/** Measures: `npm run bench` runs every bench, `npm run bench chat retrieval` those that are named. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describeMachine } from './machine.ts';
import { formatReport, type Report, saveReport } from './report.ts';

const MINUTE = 60_000;

/** Each runs on a private stack; one that takes longer than this is ended. */
const benches: Readonly<Record<string, { readonly minutes: number; load(): Promise<() => Promise<Report>> }>> = {
  'cold-start': { minutes: 3, load: async () => (await import('./cold-start.ts')).measureColdStart },
  retrieval: { minutes: 5, load: async () => (await import('./retrieval.ts')).measureRetrieval },
  grounding: { minutes: 3, load: async () => (await import('./grounding.ts')).measureGrounding },
  screening: { minutes: 3, load: async () => (await import('./screening.ts')).measureScreening },
  ingestion: { minutes: 5, load: async () => (await import('./ingestion.ts')).measureIngestion },
  chat: { minutes: 10, load: async () => (await import('./chat.ts')).measureChat },
  gateway: { minutes: 12, load: async () => (await import('./gateway/gateway.ts')).measureGateway },
  limits: { minutes: 3, load: async () => (await import('./limits.ts')).measureLimits },
  'bulk-drop': { minutes: 12, load: async () => (await import('./bulk-drop.ts')).measureBulkDrop },
};

async function run(name: string): Promise<void> {
  const bench = benches[name];
  if (!bench) throw new Error(`There is no bench "${name}". There are: ${Object.keys(benches).join(', ')}.`);
  const measure = await bench.load();
  const machine = describeMachine();
  console.log(`\n${name} …`);
  const overdue = setTimeout(() => {
    console.error(`${name} took longer than ${bench.minutes} minutes.`);
    // The parts of the stack end with this process.
    process.exit(1);
  }, bench.minutes * MINUTE);
  const report = await measure();
  clearTimeout(overdue);
  await saveReport(name, report, machine);
  console.log(formatReport(report));
  if (report.failures.length > 0) process.exitCode = 1;
}

/** Each bench in a process of its own, because a process can trust the certificate of one stack only. */
function runApart(name: string): void {
  const { status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), name], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}

const named = process.argv.slice(2);
const [only] = named;
if (named.length === 1 && only) await run(only);
else for (const name of named.length > 0 ? named : Object.keys(benches)) runApart(name);
process.exit();
