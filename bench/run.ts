/**
 * Measures: `npm run bench` runs every bench, `npm run bench chat retrieval` those that are named. What is no name of a bench
 * is for the one named before it, such as the folders of data sets for `retrieval`, or the folder of documents without which
 * there is no `extraction`.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describeMachine } from './machine.ts';
import { formatReport, type Report, saveReport } from './report.ts';

const MINUTE = 60_000;

type Measure = (parameters: readonly string[]) => Promise<Report>;

interface Bench {
  /** One that takes longer is ended. */
  readonly minutes: number;
  /** Whether it measures what only a parameter names; it is left out when all are run. */
  readonly needsParameter?: boolean;
  load(): Promise<Measure>;
}

const benches: Readonly<Record<string, Bench>> = {
  'cold-start': { minutes: 3, load: async () => (await import('./cold-start.ts')).measureColdStart },
  retrieval: { minutes: 60, load: async () => (await import('./retrieval.ts')).measureRetrieval },
  grounding: { minutes: 3, load: async () => (await import('./grounding.ts')).measureGrounding },
  screening: { minutes: 3, load: async () => (await import('./screening.ts')).measureScreening },
  ingestion: { minutes: 10, load: async () => (await import('./ingestion.ts')).measureIngestion },
  chat: { minutes: 10, load: async () => (await import('./chat.ts')).measureChat },
  gateway: { minutes: 12, load: async () => (await import('./gateway/gateway.ts')).measureGateway },
  limits: { minutes: 3, load: async () => (await import('./limits.ts')).measureLimits },
  extraction: {
    minutes: 10,
    needsParameter: true,
    load: async () => (await import('./extraction.ts')).measureExtractionOf,
  },
  'bulk-drop': { minutes: 12, load: async () => (await import('./bulk-drop.ts')).measureBulkDrop },
  'mass-drop': { minutes: 20, load: async () => (await import('./mass-drop.ts')).measureMassDrop },
};

async function run(name: string, parameters: readonly string[]): Promise<void> {
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
  const report = await measure(parameters);
  clearTimeout(overdue);
  await saveReport(name, report, machine);
  console.log(formatReport(report));
  if (report.failures.length > 0) process.exitCode = 1;
}

/** Each bench in a process of its own, because a process can trust the certificate of one stack only. */
function runApart(name: string, parameters: readonly string[]): void {
  const { status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), name, ...parameters], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exitCode = 1;
}

/** The benches that were asked for, each with what follows it. */
function askedFor(words: readonly string[]): { name: string; parameters: string[] }[] {
  const asked: { name: string; parameters: string[] }[] = [];
  for (const word of words) {
    const last = asked.at(-1);
    if (word in benches || !last) asked.push({ name: word, parameters: [] });
    else last.parameters.push(word);
  }
  const standing = Object.keys(benches).filter((name) => !benches[name]?.needsParameter);
  return asked.length > 0 ? asked : standing.map((name) => ({ name, parameters: [] }));
}

const asked = askedFor(process.argv.slice(2));
const [first] = asked;
if (asked.length === 1 && first) await run(first.name, first.parameters);
else for (const { name, parameters } of asked) runApart(name, parameters);
process.exit();
