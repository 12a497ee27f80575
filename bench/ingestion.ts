import { createQdrantVectorStore } from '../shared/adapters/qdrant/vector-store.ts';
import { loadConfig } from '../shared/config.ts';
import { newId } from '../shared/identifiers.ts';
import { type Chunk, defaultChunkingOptions } from '../shared/ingestion/chunking/chunk.ts';
import { chunkDocument } from '../shared/ingestion/chunking/chunk-document.ts';
import type { ExtractedDocument } from '../shared/ingestion/extraction/extracted-document.ts';
import { createExtractor, type Extractor } from '../shared/ingestion/extraction/extractor.ts';
import { chunkId } from '../shared/ingestion/prepared-chunk.ts';
import { documentVectors } from '../shared/knowledge/lexical/bm25.ts';
import type { ChunkPoint, SparseVector } from '../shared/knowledge/vector-store.ts';
import { loadTokenizer } from '../shared/models/tokenizer.ts';
import { anybody, embeddingModelOf } from './embedding-model.ts';
import { type Format, formats, type MadeDocument, makeDocument } from './made-documents.ts';
import { withPrivateStack } from './private-stack.ts';
import type { Report } from './report.ts';
import { median, rounded } from './statistics.ts';

const DOCUMENTS_PER_FORMAT = 25;
const ROUNDS = 5;
/** The real model embeds some 20 chunks a second. */
const CHUNKS_FOR_THE_REAL_MODEL = 60;
const CHUNKS_PER_BATCH = 32;
const CHUNKING_GOAL = 8;
const AVERAGE_TERMS = 160;

/** How much went through a stage, and the seconds it took in each round. */
interface Stage {
  readonly name: string;
  readonly bytes: number;
  readonly pages: number;
  readonly chunks: number | null;
  readonly seconds: number[];
}

/** Times each stage from a file to its vectors apart, at the functions and adapters that the app uses. */
export async function measureIngestion(): Promise<Report> {
  const made = new Map<Format, MadeDocument[]>();
  for (const format of formats) {
    const numbers = Array.from({ length: DOCUMENTS_PER_FORMAT }, (_, number) => number);
    made.set(format, await Promise.all(numbers.map((number) => makeDocument(number, format))));
  }
  return withPrivateStack(async ({ stack }) => {
    const extractor = createExtractor({ concurrency: 1 });
    const { stages, extracted, pagesPerDocument } = await measureExtraction(extractor, made);
    await extractor.close();
    const chunking = await measureChunking(extracted, pagesPerDocument);
    const stored = await measureStores(stack.env, chunking.chunks, pagesPerDocument / chunking.chunksPerDocument);
    return report([...stages, chunking.stage, ...stored], pagesPerDocument);
  });
}

async function measureExtraction(extractor: Extractor, made: ReadonlyMap<Format, readonly MadeDocument[]>) {
  const extractAll = async (documents: readonly MadeDocument[]) => {
    const found: ExtractedDocument[] = [];
    for (const { name, content } of documents) {
      found.push(await extractor.extract(Uint8Array.from(content), { fileName: name, declaredMediaType: undefined }));
    }
    return found;
  };
  const stages = new Map<Format, Stage>();
  let extracted: ExtractedDocument[] = [];
  let pages = 0;
  // The first round loads the parsers and is not counted.
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [format, documents] of made) {
      const startedAt = performance.now();
      const found = await extractAll(documents);
      const seconds = (performance.now() - startedAt) / 1000;
      if (format === 'pdf') {
        extracted = found;
        pages = found.reduce((sum, { pageCount }) => sum + (pageCount ?? 0), 0);
      }
      const bytes = documents.reduce((sum, { content }) => sum + content.byteLength, 0);
      const stage = stages.get(format) ?? {
        name: `extract ${format.toUpperCase()}`,
        bytes,
        pages,
        chunks: null,
        seconds: [],
      };
      if (round > 0) stage.seconds.push(seconds);
      stages.set(format, stage);
    }
  }
  return { stages: [...stages.values()], extracted, pagesPerDocument: pages / DOCUMENTS_PER_FORMAT };
}

async function measureChunking(documents: readonly ExtractedDocument[], pagesPerDocument: number) {
  const tokenizer = await loadTokenizer();
  const chunk = () =>
    documents.flatMap((document) => chunkDocument(document, defaultChunkingOptions, (text) => tokenizer.count(text)));
  let chunks: Chunk[] = [];
  const seconds = await rounds(async () => {
    chunks = chunk();
  });
  const bytes = documents.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  const pages = documents.length * pagesPerDocument;
  const stage: Stage = { name: 'chunk, by tokens', bytes, pages, chunks: chunks.length, seconds };
  return { stage, chunks, chunksPerDocument: chunks.length / documents.length };
}

async function measureStores(env: Readonly<Record<string, string>>, chunks: readonly Chunk[], pagesPerChunk: number) {
  const settings = (deployment: string) =>
    loadConfig({ ...env, MODELS_FILE: '', AZURE_OPENAI_EMBEDDING_DEPLOYMENT: deployment });
  const config = settings('local-hashing-embedding');
  const hashing = embeddingModelOf(config);
  const real = embeddingModelOf(settings('local-embedding'));
  const vectorStore = createQdrantVectorStore(config.qdrant);
  const space = { model: hashing.name, dimensions: hashing.dimensions };
  const texts = chunks.map(({ text }) => text);
  const few = texts.slice(0, CHUNKS_FOR_THE_REAL_MODEL);
  const { vectors } = await hashing.embed(anybody, texts);
  const upsert = async () => {
    const documentId = newId('doc');
    const sparse = await documentVectors(texts, AVERAGE_TERMS);
    const points = chunks.map((chunk, index) =>
      pointOf(documentId, { ...chunk, index }, vectors[index], sparse[index]),
    );
    await inBatches(points, (batch) => vectorStore.upsert(space, 'ten_bench', batch));
  };
  const stage = (name: string, used: readonly string[], seconds: number[]): Stage => {
    const bytes = used.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    return { name, bytes, pages: used.length * pagesPerChunk, chunks: used.length, seconds };
  };
  return [
    stage('embed, hashing', texts, await rounds(() => inBatches(texts, (batch) => hashing.embed(anybody, batch)))),
    stage('embed, real local model', few, await rounds(() => inBatches(few, (batch) => real.embed(anybody, batch)))),
    stage('upsert, with its BM25 vectors', texts, await rounds(upsert)),
  ];
}

async function inBatches<T>(all: readonly T[], work: (batch: T[]) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < all.length; start += CHUNKS_PER_BATCH) {
    await work(all.slice(start, start + CHUNKS_PER_BATCH));
  }
}

/** Seconds of each round, after one that is not counted. */
async function rounds(work: () => Promise<unknown>): Promise<number[]> {
  await work();
  const seconds: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const startedAt = performance.now();
    await work();
    seconds.push((performance.now() - startedAt) / 1000);
  }
  return seconds;
}

function pointOf(
  documentId: string,
  { tokens, ...chunk }: Chunk,
  dense: readonly number[] = [],
  sparse: SparseVector = { indices: [], values: [] },
): ChunkPoint {
  const document = { knowledgeBaseId: 'kb_bench', documentId, documentName: 'Bench', version: 1, grants: ['tenant'] };
  const id = chunkId(documentId, 1, chunk.index);
  return { id, dense, sparse, passage: { ...document, ...chunk }, revision: 0 };
}

function report(stages: readonly Stage[], pagesPerDocument: number): Report {
  const rows = stages.map(({ name, bytes, pages, chunks, seconds }) => {
    const middle = median(seconds);
    const perSecond = (amount: number) => rounded(amount / middle);
    return [name, perSecond(pages), perSecond(bytes / 1e6), chunks === null ? '–' : perSecond(chunks)];
  });
  const chunking = stages.find(({ name }) => name.startsWith('chunk'));
  const speed = chunking ? chunking.bytes / 1e6 / median(chunking.seconds) : Number.NaN;
  return {
    title: 'Ingestion by stage',
    method:
      `${DOCUMENTS_PER_FORMAT} made documents of each format, ${rounded(pagesPerDocument)} pages each as PDF, one after another; medians of ${ROUNDS} rounds ` +
      'after one that loads the parsers. MB are of the file for extraction, else of text. Every format has the same text, so a page means the same.',
    tables: [{ caption: 'A second', columns: ['Stage', 'pages', 'MB', 'chunks'], rows }],
    notes: [
      'The embedders and the vector store are the local emulators; hosted ones have their own figures.',
      `Goal: chunking at ${CHUNKING_GOAL} MB/s or more: ${speed >= CHUNKING_GOAL ? 'met' : 'missed'}.`,
    ],
    failures: [],
  };
}
