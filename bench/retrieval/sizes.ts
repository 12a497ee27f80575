import { join } from 'node:path';
import { tokenFor } from '../../local/platform-client.ts';
import { tenantIdOf } from '../../local/seed.ts';
import { createQdrantVectorStore } from '../../shared/adapters/qdrant/vector-store.ts';
import { loadConfig } from '../../shared/config.ts';
import type { KnowledgeBase } from '../../shared/contracts/knowledge-bases.ts';
import type { SearchResult } from '../../shared/contracts/search.ts';
import { newId } from '../../shared/identifiers.ts';
import { chunkId } from '../../shared/ingestion/prepared-chunk.ts';
import { documentVectors } from '../../shared/knowledge/lexical/bm25.ts';
import type { ChunkPoint, VectorStore } from '../../shared/knowledge/vector-store.ts';
import type { EmbeddingModel } from '../../shared/models/embedding-model.ts';
import { isAround } from '../cpu-profile.ts';
import { anybody, embeddingModelOf } from '../embedding-model.ts';
import { makeText } from '../made-documents.ts';
import { createKnowledgeBase, signIn, withPrivateStack } from '../private-stack.ts';
import type { Table } from '../report.ts';
import { shareTable } from '../share-table.ts';
import { percentile, percentileRow } from '../statistics.ts';
import { measureOwnShare, type OwnShare } from './own-share.ts';
import { createSearchParts, type SearchParts, timed } from './search-parts.ts';

const SIZES = [1_000, 10_000];
export const QUESTIONS = 200;
const WARM_UP_QUESTIONS = 20;
const CHUNKS_PER_DOCUMENT = 100;
export const CHUNK_CHARACTERS = 1_000;
const QUESTION_CHARACTERS = 60;
const CANDIDATES = 50;
export const RESULTS = 8;
const AVERAGE_TERMS = 160;
const NO_TERMS = { indices: [], values: [] };
const OWN_SHARE_GOAL = 5;
const SHARES_CAPTION = 'Where the platform’s own share goes, by who caused it (sampled in an instance of its own)';

const NOTHING_AROUND = { tableHeader: null, surroundings: null };

interface Stores {
  readonly embeddingModel: EmbeddingModel;
  readonly vectorStore: VectorStore;
  readonly space: { readonly model: string; readonly dimensions: number };
}

/** Searches a growing knowledge base through the API, asks its two services the same questions, and takes its own share apart. */
export async function measureSizes(): Promise<{ tables: readonly Table[]; notes: readonly string[] }> {
  return withPrivateStack(async ({ stack, appDirectory, directory, startApp }) => {
    const app = await startApp();
    const keeper = await signIn(app, stack);
    const knowledgeBase = await createKnowledgeBase(keeper, 'Retrieval');
    const config = loadConfig(stack.env);
    const embeddingModel = embeddingModelOf(config);
    const space = { model: embeddingModel.name, dimensions: embeddingModel.dimensions };
    const stores = { embeddingModel, space, vectorStore: createQdrantVectorStore(config.qdrant) };
    const searchParts = createSearchParts(config);
    const body = (query: string) => ({ query, limit: RESULTS, knowledgeBaseIds: [knowledgeBase.id] });
    const ask = async (query: string) => {
      const { results } = await keeper.must<{ results: SearchResult[] }>('POST', '/api/v1/query', body(query));
      if (results.length !== RESULTS) throw new Error(`A search found ${results.length} passages, not ${RESULTS}.`);
    };
    const token = await tokenFor(stack.urls.identity, 'kim');
    const instance = { env: stack.env, appDirectory, directory: join(directory, 'logs'), token };
    const bodies = Array.from({ length: 3 * QUESTIONS }, (_, number) => body(makeText(number, QUESTION_CHARACTERS)));
    const measured = bodies.slice(0, QUESTIONS);
    const questions = { path: '/api/v1/query', measured, warmUp: bodies.slice(QUESTIONS) };

    const tables: Table[] = [];
    let ownShare: OwnShare | undefined;
    let chunks = 0;
    for (const size of SIZES) {
      for (; chunks < size; chunks += CHUNKS_PER_DOCUMENT) await addDocument(stores, knowledgeBase.id, chunks);
      const timings = await measureQuestions(searchParts, knowledgeBase, ask);
      ownShare = await measureOwnShare(instance, questions);
      tables.push(tableOf(size, timings, ownShare));
    }
    return {
      tables: [...tables, ...(ownShare ? [shareTable(SHARES_CAPTION, ownShare.shares)] : [])],
      notes: ownShare ? [goalNote(ownShare)] : [],
    };
  });
}

/** Held against the share with the clients, which is the stricter. */
function goalNote({ served }: OwnShare): string {
  const p95 = percentile(
    served.map(({ own }) => own),
    0.95,
  );
  return `Goal: the platform’s own share, the clients of its stores included, under ${OWN_SHARE_GOAL} ms at p95: ${p95 < OWN_SHARE_GOAL ? 'met' : 'missed'}.`;
}

/** Timings of the questions in milliseconds. */
type Timings = Readonly<Record<'whole' | 'embedding' | 'store', number>>;

async function measureQuestions(
  searchParts: SearchParts,
  knowledgeBase: KnowledgeBase,
  ask: (question: string) => Promise<void>,
): Promise<Timings[]> {
  const taken: Timings[] = [];
  for (let number = -WARM_UP_QUESTIONS; number < QUESTIONS; number += 1) {
    const question = makeText(number, QUESTION_CHARACTERS);
    const whole = await timed(() => ask(question));
    const { embedding, store } = await searchParts(knowledgeBase, question, CANDIDATES);
    if (number >= 0) taken.push({ whole: whole.milliseconds, embedding, store });
  }
  return taken;
}

async function addDocument({ embeddingModel, vectorStore, space }: Stores, knowledgeBaseId: string, first: number) {
  const documentId = newId('doc');
  const texts = Array.from({ length: CHUNKS_PER_DOCUMENT }, (_, index) => makeText(first + index, CHUNK_CHARACTERS));
  const { vectors } = await embeddingModel.embed(anybody, texts);
  const sparse = await documentVectors(texts, AVERAGE_TERMS);
  const revision = 0;
  const named = { documentName: `Document ${first}`, grants: ['tenant'] };
  const points = texts.map((text, index): ChunkPoint => {
    const place = { index, headingPath: [], page: null, start: 0, end: text.length, ...NOTHING_AROUND };
    const passage = { knowledgeBaseId, documentId, version: 1, ...named, ...place, text };
    const id = chunkId(documentId, 1, index);
    return { id, dense: vectors[index] ?? [], sparse: sparse[index] ?? NO_TERMS, passage, revision };
  });
  const tenantId = tenantIdOf('contoso');
  await vectorStore.upsert(space, tenantId, points);
  await vectorStore.makeLive(space, { tenantId, knowledgeBaseId, documentId }, 1, { ...named, revision });
}

function tableOf(chunks: number, taken: readonly Timings[], { served, shares }: OwnShare): Table {
  const around = [...shares].reduce((sum, [owner, share]) => sum + (isAround(owner) ? share : 0), 0);
  const of = (part: keyof Timings) => taken.map((timings) => timings[part]);
  return {
    caption: `${chunks} chunks, milliseconds`,
    columns: ['Part', 'p50', 'p95'],
    rows: [
      percentileRow('`POST /api/v1/query`, local host and HTTP included', of('whole')),
      percentileRow('the vector store: dense and sparse in one request', of('store')),
      percentileRow('the embedding of the question', of('embedding')),
      percentileRow(
        'the platform’s own share',
        served.map(({ own }) => own),
      ),
      percentileRow(
        'of it without the clients of its stores and models, and the local host',
        served.map(({ own }) => own * (1 - around)),
      ),
      percentileRow(
        'processor time of the app, the clients of its stores included',
        served.map(({ cpu }) => cpu),
      ),
    ],
  };
}
