import { loadConfig } from '../shared/config.ts';
import { createExtractor, type Extractor } from '../shared/ingestion/extraction/extractor.ts';
import { measureChunking } from './ingestion/chunking.ts';
import { measureExtraction } from './ingestion/extraction.ts';
import { chunkAndText, type IndexStages, indexStages } from './ingestion/index-stages.ts';
import { measurePipeline, type PipelineRun, pipelineRow } from './ingestion/pipeline.ts';
import { measureInTurn, secondsOf } from './ingestion/stage.ts';
import { type Format, formats, type MadeDocument, makeDocument } from './made-documents.ts';
import { type PrivateStack, withPrivateStack } from './private-stack.ts';
import type { Report, Table } from './report.ts';
import { rounded } from './statistics.ts';

const DOCUMENTS_PER_FORMAT = 12;
/** The real model embeds some 20 chunks a second. */
const CHUNKS_FOR_THE_REAL_MODEL = 16;
const ROUNDS_OF_THE_REAL_MODEL = 1;
const DOCUMENTS_FOR_THE_PIPELINE = 24;
const DOCUMENTS_FOR_THE_REAL_MODEL = 6;
const GOAL_OVERHEAD = 0.2;
const COLUMNS = ['Stage', 'pages', 'MB', 'chunks', 'chunks made'];
const HASHING = 'local-hashing-embedding';
const REAL = 'local-embedding';

/** Times each stage from a file to its vectors beside its library alone, and the whole pipeline beside its stages. */
export async function measureIngestion(): Promise<Report> {
  const made = new Map<Format, MadeDocument[]>();
  for (const format of formats) {
    const numbers = Array.from({ length: DOCUMENTS_PER_FORMAT }, (_, number) => number);
    made.set(format, await Promise.all(numbers.map((number) => makeDocument(number, format))));
  }
  return withPrivateStack(async (privateStack) => {
    const extractor = createExtractor({ concurrency: 1 });
    try {
      return await measure(privateStack, extractor, made);
    } finally {
      await extractor.close();
    }
  });
}

async function measure(
  privateStack: PrivateStack,
  extractor: Extractor,
  made: ReadonlyMap<Format, readonly MadeDocument[]>,
): Promise<Report> {
  const { env } = privateStack.stack;
  const settings = (deployment: string) => ({ MODELS_FILE: '', AZURE_OPENAI_EMBEDDING_DEPLOYMENT: deployment });
  const stagesOf = (deployment: string) => indexStages(loadConfig({ ...env, ...settings(deployment) }));
  const { rows, extracted } = await measureExtraction(extractor, made);
  const documents = extracted.get('pdf') ?? [];
  const pages = documents.reduce((sum, { pageCount }) => sum + (pageCount ?? 0), 0);
  const chunking = await measureChunking(documents, pages);
  const indexing = await measureIndexing(stagesOf(HASHING), stagesOf(REAL), documents, pages);
  const mixed = (count: number) =>
    Array.from({ length: count }, (_, index) => {
      const ofFormat = made.get(formats[index % formats.length] ?? 'txt') ?? [];
      return ofFormat[Math.floor(index / formats.length)] as MadeDocument;
    });
  const runs: PipelineRun[] = [
    { name: 'hashing embedder', count: DOCUMENTS_FOR_THE_PIPELINE, deployment: HASHING },
    { name: 'real local model', count: DOCUMENTS_FOR_THE_REAL_MODEL, deployment: REAL },
  ].map(({ name, count, deployment }) => ({
    ...{ name, documents: mixed(count), env: settings(deployment), stages: stagesOf(deployment) },
  }));
  const { table, goals } = await measurePipelines(privateStack, extractor, runs);
  const tables = [
    { caption: 'In a second of processor time', columns: COLUMNS, rows: [...rows, ...chunking.rows] },
    { caption: 'In a second, at the local emulators', columns: COLUMNS, rows: indexing },
    table,
  ];
  return report(tables, [chunking.goal, ...goals], pages / documents.length);
}

async function measureIndexing(
  hashing: IndexStages,
  real: IndexStages,
  documents: Parameters<typeof chunkAndText>[0][],
  pages: number,
): Promise<string[][]> {
  const cut = (await Promise.all(documents.map(chunkAndText))).map(({ chunks, texts }) => ({ chunks, texts }));
  const [chunks, texts] = [cut.flatMap((each) => each.chunks), cut.flatMap((each) => each.texts)];
  const few = texts.slice(0, CHUNKS_FOR_THE_REAL_MODEL);
  const vectors = await hashing.embed(texts);
  const amountsOf = (used: readonly string[]) => () => ({
    pages: (pages * used.length) / texts.length,
    textBytes: used.reduce((sum, text) => sum + Buffer.byteLength(text), 0),
    chunks: used.length,
  });
  const quick = [
    { name: 'embed, hashing', amounts: amountsOf(texts), work: () => hashing.embed(texts) },
    {
      name: 'upsert, with its BM25 vectors',
      amounts: amountsOf(texts),
      work: () => hashing.upsert(chunks, texts, vectors),
    },
  ];
  const slow = { name: 'embed, real local model', amounts: amountsOf(few), work: () => real.embed(few) };
  const rows = await measureInTurn(quick, { clock: secondsOf });
  return [...rows, ...(await measureInTurn([slow], { clock: secondsOf, rounds: ROUNDS_OF_THE_REAL_MODEL }))];
}

async function measurePipelines(privateStack: PrivateStack, extractor: Extractor, runs: readonly PipelineRun[]) {
  const rows: string[][] = [];
  const goals: string[] = [];
  for (const run of runs) {
    const figures = await measurePipeline(privateStack, extractor, run);
    rows.push(pipelineRow(run, figures));
    const verdict = figures.overhead < GOAL_OVERHEAD ? 'met' : 'missed';
    goals.push(
      `Goal: the pipeline takes less than ${GOAL_OVERHEAD * 100} % beyond its stages, with the ${run.name}: ${verdict}, ${rounded(figures.overhead * 100)} %.`,
    );
  }
  const columns = [
    'Embedder',
    'documents',
    'stages alone, ms',
    'pipeline, ms',
    'beyond the stages',
    'CPU of the app, ms',
    'CPU of reading alone, ms',
  ];
  const table: Table = { caption: 'The whole pipeline beside the sum of its stages, for one document', columns, rows };
  return { table, goals };
}

function report(tables: Table[], goals: string[], pagesPerDocument: number): Report {
  return {
    title: 'Ingestion by stage',
    method:
      `${DOCUMENTS_PER_FORMAT} made documents of each format, ${rounded(pagesPerDocument)} pages each as PDF, one after another; medians of rounds in which stage and ` +
      'library take turns, after one that loads the parsers. MB are of text. Every format has the same text, so a page means the same. ' +
      'For the pipeline a quarter of each format is uploaded at once; its time ends when the last is ready, and is compared with extraction, chunking, embedding and ' +
      'upsert of the same documents one after another, in this process, just before and after.',
    tables,
    notes: [
      'The embedders and the vector store are the local emulators; hosted ones have their own figures.',
      'Extraction runs in a thread with limits and finds structure; the libraries alone give plain text in this thread.',
      'LangChain splits at 400 tokens with 60 of overlap and the same tokenizer, or at four characters for each token.',
      'What the pipeline takes beyond its stages is uploads, blobs, queues, documents in Cosmos DB, access, usage and audit, all on emulators that share the two cores; what runs beside each other in it is taken off.',
      'Reading alone is extraction and chunking. What else the app’s processor time goes to is its host and the clients of the stores, of the queues and of the model.',
      ...goals,
    ],
    failures: [],
  };
}
