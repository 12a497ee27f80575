import { setTimeout as sleep } from 'node:timers/promises';
import type { PlatformClient } from '../local/platform-client.ts';
import { isSettled } from '../shared/contracts/documents.ts';
import { checkIndex } from './bulk-drop-checks.ts';
import { dropFiles, listDocuments, untilQuiet } from './drop-files.ts';
import { formats, type MadeDocument, makeDocument } from './made-documents.ts';
import { createKnowledgeBase, type PrivateStack, signIn, withPrivateStack } from './private-stack.ts';
import { peakMemoryMegabytes } from './process-usage.ts';
import type { Report } from './report.ts';
import { rounded } from './statistics.ts';

const DOCUMENTS = 300;
const KILLED_AFTER_READY = 100;
const MAX_MEMORY_MEGABYTES = 600;
const POLL_MILLISECONDS = 1000;

/** Drops 300 documents at once, kills the app in the middle, and checks that nothing is lost or there twice. */
export async function measureBulkDrop(): Promise<Report> {
  const documents: MadeDocument[] = [];
  for (let number = 0; number < DOCUMENTS; number += 1) {
    documents.push(await makeDocument(number, formats[number % formats.length] ?? 'txt'));
  }
  return withPrivateStack((privateStack) => dropAndCheck(privateStack, documents));
}

async function dropAndCheck({ stack, startApp }: PrivateStack, documents: readonly MadeDocument[]): Promise<Report> {
  const first = await startApp();
  const keeper = await signIn(first, stack);
  const { id } = await createKnowledgeBase(keeper, 'Bulk drop');
  const startedAt = performance.now();
  await dropFiles(stack, id, documents);

  await untilReady(keeper, id, KILLED_AFTER_READY);
  const firstPeak = peakMemoryMegabytes(first.pid);
  await first.kill();
  const killedAt = performance.now();

  const second = await startApp();
  const again = await signIn(second, stack);
  await untilReady(again, id, DOCUMENTS);
  const finishedAt = performance.now();
  await untilQuiet(stack);
  const indexed = await listDocuments(again, id);
  const checks = await checkIndex({ stack, client: again, knowledgeBaseId: id, documents, indexed });
  const peaks = [firstPeak, peakMemoryMegabytes(second.pid)];
  return report({ startedAt, killedAt, finishedAt, peaks, checks, documents });
}

/** Waits until so many documents are done with; the bench's own deadline ends a wait that is in vain. */
async function untilReady(client: PlatformClient, knowledgeBaseId: string, count: number): Promise<void> {
  for (;;) {
    const documents = await listDocuments(client, knowledgeBaseId);
    const done = documents.filter(({ status }) => isSettled(status));
    if (done.length >= count) return;
    await sleep(POLL_MILLISECONDS);
  }
}

interface Outcome {
  readonly startedAt: number;
  readonly killedAt: number;
  readonly finishedAt: number;
  readonly peaks: readonly number[];
  readonly checks: { readonly failures: readonly string[]; readonly chunks: number };
  readonly documents: readonly MadeDocument[];
}

function report({ startedAt, killedAt, finishedAt, peaks, checks, documents }: Outcome): Report {
  const seconds = (finishedAt - startedAt) / 1000;
  const megabytes = documents.reduce((sum, { content }) => sum + content.byteLength, 0) / 1e6;
  const peak = Math.max(...peaks);
  const tooMuch = peak > MAX_MEMORY_MEGABYTES ? [`The app had ${rounded(peak)} MB resident, over 600 MB.`] : [];
  return {
    title: 'Bulk drop',
    method:
      `${DOCUMENTS} made documents of about five pages, a quarter each PDF, DOCX, Markdown and text (${rounded(megabytes)} MB), ` +
      'dropped at once, with the hashing embedder. The app is ended by `kill -9` when 100 are ready, and started again.',
    tables: [
      {
        caption: 'Throughput and memory',
        columns: ['Figure', 'Value'],
        rows: [
          ['documents ready', String(DOCUMENTS)],
          ['from the first drop to the last ready, kill and restart included', `${rounded(seconds)} s`],
          ['documents a second', rounded(DOCUMENTS / seconds)],
          ['from the kill to the last ready', `${rounded((finishedAt - killedAt) / 1000)} s`],
          ['chunks in the store', String(checks.chunks)],
          ['peak resident memory until the kill', `${rounded(peaks[0] ?? 0)} MB`],
          ['peak resident memory after the restart', `${rounded(peaks[1] ?? 0)} MB`],
        ],
      },
    ],
    notes: [
      `Goal: under ${MAX_MEMORY_MEGABYTES} MB. The process holds the app and the local Functions host.`,
      'Checked: every document ready, as many chunks in the store as it says, no chunk twice, and 20 unique words found once each.',
    ],
    failures: [...checks.failures, ...tooMuch],
  };
}
