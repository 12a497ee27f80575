import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import type { PlatformClient } from '../../local/platform-client.ts';
import type { KnowledgeDocument } from '../../shared/contracts/documents.ts';
import type { Page } from '../../shared/contracts/paging.ts';
import type { Extractor } from '../../shared/ingestion/extraction/extractor.ts';
import { type MadeDocument, makeDocument } from '../made-documents.ts';
import { createKnowledgeBase, type PrivateStack, signIn } from '../private-stack.ts';
import { processorMicroseconds } from '../process-usage.ts';
import { rounded } from '../statistics.ts';
import { extractOne } from './extraction.ts';
import { chunkAndText, type IndexStages } from './index-stages.ts';
import { processorSeconds, secondsOf } from './stage.ts';

const UPLOADED_AT_ONCE = 4;
const POLL_MILLISECONDS = 500;
const MOST_DOCUMENTS = 100;
const WARM_UP_DOCUMENT = 1_000;

export interface PipelineRun {
  readonly name: string;
  readonly documents: readonly MadeDocument[];
  readonly env: Readonly<Record<string, string>>;
  readonly stages: IndexStages;
}

export interface PipelineFigures {
  /** Of all stages, one document after another, in seconds. */
  readonly stageSeconds: number;
  /** Of extraction and chunking alone, for one document; the other two mostly wait for their servers. */
  readonly readingMilliseconds: number;
  /** From the first upload until the last document is ready. */
  readonly wholeSeconds: number;
  /** Of the app's process, for one document. */
  readonly processorMilliseconds: number;
  /** What the whole takes beyond its stages, as a share of them. */
  readonly overhead: number;
}

/** Brings documents in through the API and the queues, between two runs of their stages alone. */
export async function measurePipeline(
  { stack, startApp }: PrivateStack,
  extractor: Extractor,
  { name, documents, env, stages }: PipelineRun,
): Promise<PipelineFigures> {
  const stagesAlone = () => secondsOf(() => runStages(extractor, stages, documents));
  const app = await startApp({ env });
  const keeper = await signIn(app, stack);
  const { id } = await createKnowledgeBase(keeper, name);
  // A document makes the collection and loads parsers and tokenizer, in both. It is another: known chunks are not embedded again.
  const other = await makeDocument(WARM_UP_DOCUMENT, 'pdf');
  await runStages(extractor, stages, [other]);
  await bringIn(keeper, (await createKnowledgeBase(keeper, `${name} before`)).id, [other]);

  const before = await stagesAlone();
  const usedBefore = processorMicroseconds(app.pid);
  const wholeSeconds = await bringIn(keeper, id, documents);
  const processorMilliseconds = (processorMicroseconds(app.pid) - usedBefore) / 1000 / documents.length;
  const stageSeconds = (before + (await stagesAlone())) / 2;
  await app.stop();
  const reading = await processorSeconds(() => readAll(extractor, documents));
  const readingMilliseconds = (reading / documents.length) * 1000;
  return {
    stageSeconds,
    wholeSeconds,
    processorMilliseconds,
    readingMilliseconds,
    overhead: wholeSeconds / stageSeconds - 1,
  };
}

export function pipelineRow({ name, documents }: PipelineRun, figures: PipelineFigures): string[] {
  const { stageSeconds, wholeSeconds, processorMilliseconds, readingMilliseconds, overhead } = figures;
  const each = (seconds: number) => rounded((seconds / documents.length) * 1000);
  const times = [each(stageSeconds), each(wholeSeconds), `${rounded(overhead * 100)} %`];
  return [name, String(documents.length), ...times, rounded(processorMilliseconds), rounded(readingMilliseconds)];
}

async function readAll(extractor: Extractor, documents: readonly MadeDocument[]): Promise<void> {
  for (const document of documents) await chunkAndText(await extractOne(extractor, document));
}

async function runStages(extractor: Extractor, stages: IndexStages, documents: readonly MadeDocument[]): Promise<void> {
  for (const document of documents) {
    const { chunks, texts } = await chunkAndText(await extractOne(extractor, document));
    await stages.upsert(chunks, texts, await stages.embed(texts));
  }
}

/** Seconds from the first upload until the last document is ready. */
async function bringIn(
  keeper: PlatformClient,
  knowledgeBaseId: string,
  documents: readonly MadeDocument[],
): Promise<number> {
  const path = `/api/v1/knowledge-bases/${knowledgeBaseId}/documents`;
  const startedAt = Date.now();
  await pLimit(UPLOADED_AT_ONCE).map(documents, async ({ name, content }) => {
    const { status } = await keeper.upload(path, name, Buffer.from(content));
    if (status !== 202) throw new Error(`${name} was not taken: ${status}`);
  });
  for (;;) {
    const { items } = await keeper.must<Page<KnowledgeDocument>>('GET', `${path}?limit=${MOST_DOCUMENTS}`);
    const failed = items.find(({ status }) => status === 'failed' || status === 'held');
    if (failed) throw new Error(`${failed.name} is ${failed.status}: ${failed.error?.reason}`);
    const ready = items.filter(({ status }) => status === 'ready');
    if (ready.length === documents.length) return (lastChange(ready) - startedAt) / 1000;
    await sleep(POLL_MILLISECONDS);
  }
}

const lastChange = (documents: readonly KnowledgeDocument[]) =>
  Math.max(...documents.map(({ updatedAt }) => Date.parse(updatedAt)));
