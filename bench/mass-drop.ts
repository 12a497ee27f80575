import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { PlatformClient } from '../local/platform-client.ts';
import type { KnowledgeBaseStatus, ReconcileReport } from '../shared/contracts/drop-folder.ts';
import { createAliveMemory } from './alive-memory.ts';
import { checkIndex } from './bulk-drop-checks.ts';
import { dropFiles, listDocuments, untilQuiet } from './drop-files.ts';
import { type MadeDocument, makeText } from './made-documents.ts';
import { createKnowledgeBase, type PrivateStack, signIn, withPrivateStack } from './private-stack.ts';
import { memoryMegabytes, peakMemoryMegabytes } from './process-usage.ts';
import type { Report } from './report.ts';
import { median, rounded } from './statistics.ts';

const DOCUMENTS = 10_000;
const CHARACTERS = 900;
const FILES_PER_FOLDER = 100;
const SAMPLE_MILLISECONDS = 2_000;
const POLL_MILLISECONDS = 5_000;
/** More than this between the medians of the second and the last third of the time is not flat. */
const MAX_GROWTH_MEGABYTES = 60;
const MAX_MEMORY_MEGABYTES = 600;
/** More than this between a tenth of the way and the end is a leak; what is being worked on comes and goes. */
const MAX_ALIVE_GROWTH_MEGABYTES = 20;

/** Drops 10,000 small documents (`--documents` for another number) in folders and watches the app's memory. */
export function measureMassDrop(parameters: readonly string[]): Promise<Report> {
  const { values } = parseArgs({ args: [...parameters], options: { documents: { type: 'string' } } });
  const count = Number(values.documents ?? DOCUMENTS);
  if (!Number.isInteger(count) || count < 1) throw new Error('--documents takes a number of documents.');
  return withPrivateStack((privateStack) => dropAndWatch(privateStack, count));
}

function smallDocument(number: number): MadeDocument & { readonly path: string } {
  const marker = `marker${String(number).padStart(6, '0')}x`;
  const name = `note-${number}.txt`;
  const content = Buffer.from(`${makeText(number, CHARACTERS)} It is about ${marker}.`);
  return { name, path: `folder-${Math.floor(number / FILES_PER_FOLDER)}/${name}`, format: 'txt', marker, content };
}

async function dropAndWatch({ stack, startApp }: PrivateStack, count: number): Promise<Report> {
  const aliveMemory = createAliveMemory();
  const app = await startApp(aliveMemory.appOptions);
  const keeper = await signIn(app, stack);
  const { id } = await createKnowledgeBase(keeper, 'Mass drop');
  const documents = Array.from({ length: count }, (_, number) => smallDocument(number));
  const memory = sampleMemory(app.pid);
  const startedAt = performance.now();
  await dropFiles(
    stack,
    id,
    documents.map(({ path, content }) => ({ name: path, content })),
  );
  const droppedAt = performance.now();
  const warmUp = await untilDone(keeper, id, count / 10);
  const aliveWhenWarm = await aliveMemory.measure(app);
  const progress = ratesOf([...warmUp, ...(await untilDone(keeper, id, count))]);
  const finishedAt = performance.now();
  const samples = memory.stop();
  await untilQuiet(stack);
  const alive = [aliveWhenWarm, await aliveMemory.measure(app)];

  const indexed = await listDocuments(keeper, id);
  const checks = await checkIndex({ stack, client: keeper, knowledgeBaseId: id, documents, indexed });
  const reconcileStartedAt = performance.now();
  const reconciled = await reconcileWhole(keeper, id);
  const reconcileSeconds = (performance.now() - reconcileStartedAt) / 1000;
  const seconds = (finishedAt - startedAt) / 1000;
  const dropSeconds = (droppedAt - startedAt) / 1000;
  const peak = peakMemoryMegabytes(app.pid);
  return report({ count, seconds, dropSeconds, progress, samples, peak, alive, checks, reconciled, reconcileSeconds });
}

interface Progress {
  readonly at: number;
  readonly done: number;
}

/** Waits until so many are ready or failed. @returns how many were, at each look. */
async function untilDone(client: PlatformClient, knowledgeBaseId: string, count: number): Promise<Progress[]> {
  const seen: Progress[] = [];
  for (;;) {
    const { documents } = await client.must<KnowledgeBaseStatus>(
      'GET',
      `/api/v1/knowledge-bases/${knowledgeBaseId}/status`,
    );
    const done = documents.byStatus.ready + documents.byStatus.failed;
    seen.push({ at: performance.now(), done });
    if (done >= count) return seen;
    await sleep(POLL_MILLISECONDS);
  }
}

/** How many were done, a second, in each third of the time. */
function ratesOf(seen: readonly Progress[]): number[] {
  const marks = [0, 1, 2, 3].map((third) => seen[Math.round(((seen.length - 1) * third) / 3)]);
  return [1, 2, 3].map((third) => {
    const [from, to] = [marks[third - 1], marks[third]];
    return from && to ? ((to.done - from.done) / (to.at - from.at)) * 1000 : Number.NaN;
  });
}

function sampleMemory(pid: number): { stop(): number[] } {
  const samples = [memoryMegabytes(pid)];
  const sampling = setInterval(() => samples.push(memoryMegabytes(pid)), SAMPLE_MILLISECONDS);
  return {
    stop() {
      clearInterval(sampling);
      return samples;
    },
  };
}

/** Calls reconcile until it has finished. */
async function reconcileWhole(client: PlatformClient, knowledgeBaseId: string): Promise<ReconcileReport> {
  for (;;) {
    const path = `/api/v1/knowledge-bases/${knowledgeBaseId}/reconcile`;
    const found = await client.must<ReconcileReport>('POST', path);
    if (found.finishedAt !== null) return found;
  }
}

interface Outcome {
  readonly count: number;
  readonly seconds: number;
  readonly dropSeconds: number;
  readonly progress: readonly number[];
  readonly samples: readonly number[];
  readonly peak: number;
  /** What garbage collection leaves, after a tenth of the documents and at the end, in megabytes. */
  readonly alive: readonly number[];
  readonly checks: { readonly failures: readonly string[]; readonly chunks: number };
  readonly reconciled: ReconcileReport;
  readonly reconcileSeconds: number;
}

function report(outcome: Outcome): Report {
  const { count, seconds, progress, samples, peak, alive, checks, reconciled } = outcome;
  const third = Math.ceil(samples.length / 3);
  const thirds = [0, 1, 2].map((index) => median(samples.slice(index * third, (index + 1) * third)));
  const [first = 0, second = 0, last = 0] = thirds;
  const growth = last - second;
  const [warm = 0, end = 0] = alive;
  const mended = Object.entries(reconciled.mended).filter(([, found]) => found > 0);
  return {
    title: 'Mass drop',
    method: `${count} text files of about ${CHARACTERS} characters, ${FILES_PER_FOLDER} to a folder, dropped at once, with the hashing embedder. Memory is sampled every ${SAMPLE_MILLISECONDS / 1000} s.`,
    tables: [
      {
        caption: 'Throughput and memory',
        columns: ['Figure', 'Value'],
        rows: [
          ['documents', String(count)],
          ['from the first drop to the last dropped', `${rounded(outcome.dropSeconds)} s`],
          ['from the first drop to the last ready', `${rounded(seconds)} s`],
          ['documents a second', rounded(count / seconds)],
          ['the same, by thirds of the time after the drop', progress.map(rounded).join(', ')],
          ['resident memory, median of each third of the time', `${thirds.map(rounded).join(', ')} MB`],
          ['from the first third to the last', `${rounded(last - first)} MB`],
          ['from the second third to the last', `${rounded(growth)} MB`],
          ['peak resident memory', `${rounded(peak)} MB`],
          [
            'left by a garbage collection, after a tenth of the documents and at the end',
            `${alive.map(rounded).join(', ')} MB`,
          ],
          ['chunks in the store', String(checks.chunks)],
          ['a whole reconcile afterwards', `${rounded(outcome.reconcileSeconds)} s`],
        ],
      },
    ],
    notes: [
      'The process holds the app and the local Functions host, whose list of seen blobs grows with the folder, by about 3 MB in 10,000 files. Its heap is bounded as `npm start` bounds it.',
      'Checked: every document ready, as many chunks in the store as it says, no chunk twice, 20 unique words found once each, and nothing for reconcile to mend.',
    ],
    failures: [
      ...checks.failures,
      ...mended.map(([kind, found]) => `Reconcile had to mend ${found} (${kind}).`),
      ...(growth > MAX_GROWTH_MEGABYTES
        ? [`Memory grew by ${rounded(growth)} MB from the second third to the last.`]
        : []),
      ...(end - warm > MAX_ALIVE_GROWTH_MEGABYTES
        ? [`What is alive grew by ${rounded(end - warm)} MB from a tenth of the way to the end.`]
        : []),
      ...(peak > MAX_MEMORY_MEGABYTES
        ? [`The app had ${rounded(peak)} MB resident, over ${MAX_MEMORY_MEGABYTES} MB.`]
        : []),
    ],
  };
}
