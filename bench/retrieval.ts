import { tenantIdOf } from '../local/seed.ts';
import { createQdrantVectorStore } from '../shared/adapters/qdrant/vector-store.ts';
import { loadConfig } from '../shared/config.ts';
import type { KnowledgeBase } from '../shared/contracts/knowledge-bases.ts';
import type { SearchResult } from '../shared/contracts/search.ts';
import { newId } from '../shared/identifiers.ts';
import { permissionsOf } from '../shared/identity/permissions.ts';
import type { Principal } from '../shared/identity/principal.ts';
import { chunkId } from '../shared/ingestion/prepared-chunk.ts';
import { documentVectors, queryVector } from '../shared/knowledge/lexical/bm25.ts';
import { searchScope } from '../shared/knowledge/search-scope.ts';
import type { ChunkPoint, VectorStore } from '../shared/knowledge/vector-store.ts';
import type { EmbeddingModel } from '../shared/models/embedding-model.ts';
import { anybody, embeddingModelOf } from './embedding-model.ts';
import { makeText } from './made-documents.ts';
import { createKnowledgeBase, signIn, withPrivateStack } from './private-stack.ts';
import type { Report, Table } from './report.ts';
import { percentile, rounded } from './statistics.ts';

const SIZES = [1_000, 10_000];
const QUESTIONS = 200;
const WARM_UP_QUESTIONS = 20;
const CHUNKS_PER_DOCUMENT = 100;
const CHUNK_CHARACTERS = 1_000;
const QUESTION_CHARACTERS = 60;
const CANDIDATES = 50;
const RESULTS = 8;
const AVERAGE_TERMS = 160;
const NO_TERMS = { indices: [], values: [] };

interface Stores {
  readonly embeddingModel: EmbeddingModel;
  readonly vectorStore: VectorStore;
  readonly space: { readonly model: string; readonly dimensions: number };
}

/** Searches a growing knowledge base through the API, and asks its two services the same questions directly. */
export async function measureRetrieval(): Promise<Report> {
  return withPrivateStack(async ({ stack, startApp }) => {
    const app = await startApp();
    const keeper = await signIn(app, stack);
    const knowledgeBase = await createKnowledgeBase(keeper, 'Retrieval');
    const config = loadConfig(stack.env);
    const embeddingModel = embeddingModelOf(config);
    const space = { model: embeddingModel.name, dimensions: embeddingModel.dimensions };
    const stores = { embeddingModel, space, vectorStore: createQdrantVectorStore(config.qdrant) };
    const ask = async (query: string) => {
      const body = { query, limit: RESULTS, knowledgeBaseIds: [knowledgeBase.id] };
      const { results } = await keeper.must<{ results: SearchResult[] }>('POST', '/api/v1/query', body);
      if (results.length !== RESULTS) throw new Error(`A search found ${results.length} passages, not ${RESULTS}.`);
    };

    const tables: Table[] = [];
    let chunks = 0;
    for (const size of SIZES) {
      for (; chunks < size; chunks += CHUNKS_PER_DOCUMENT) await addDocument(stores, knowledgeBase.id, chunks);
      tables.push(tableOf(size, await measureQuestions(stores, knowledgeBase, ask)));
    }
    return {
      title: 'Retrieval',
      method:
        `${QUESTIONS} different questions one after another, ${RESULTS} results each, over chunks of ${CHUNK_CHARACTERS} characters, with the ` +
        'hashing embedder. Each question is asked through `POST /api/v1/query`, then its parts are timed at their adapters.',
      tables,
      notes: [
        'The store is the local Qdrant server, which searches exactly; a real one has its own figures. Its time includes its client.',
        'The rest is the local Functions host, HTTP, the token check, the list of knowledge bases from Cosmos DB, and the fusion.',
      ],
      failures: [],
    };
  });
}

/** Timings of the questions in milliseconds. */
type Timings = Readonly<Record<'whole' | 'embedding' | 'store' | 'rest', number>>;

async function measureQuestions(
  { embeddingModel, vectorStore, space }: Stores,
  knowledgeBase: KnowledgeBase,
  ask: (question: string) => Promise<void>,
): Promise<Timings[]> {
  const scope = searchScope(principal(), [knowledgeBase]);
  const taken: Timings[] = [];
  for (let number = -WARM_UP_QUESTIONS; number < QUESTIONS; number += 1) {
    const question = makeText(number, QUESTION_CHARACTERS);
    const whole = await timed(() => ask(question));
    const embedding = await timed(() => embeddingModel.embed(anybody, [question]));
    const dense = embedding.value.vectors[0] ?? [];
    const query = { dense, sparse: await queryVector(question), limit: CANDIDATES };
    const store = await timed(() => vectorStore.search(space, scope, query));
    const rest = whole.milliseconds - embedding.milliseconds - store.milliseconds;
    const timings = { whole: whole.milliseconds, embedding: embedding.milliseconds, store: store.milliseconds, rest };
    if (number >= 0) taken.push(timings);
  }
  return taken;
}

async function addDocument({ embeddingModel, vectorStore, space }: Stores, knowledgeBaseId: string, first: number) {
  const documentId = newId('doc');
  const texts = Array.from({ length: CHUNKS_PER_DOCUMENT }, (_, index) => makeText(first + index, CHUNK_CHARACTERS));
  const { vectors } = await embeddingModel.embed(anybody, texts);
  const sparse = await documentVectors(texts, AVERAGE_TERMS);
  const points = texts.map((text, index): ChunkPoint => {
    const place = { index, headingPath: [], page: null, start: 0, end: text.length };
    const document = { knowledgeBaseId, documentId, documentName: `Document ${first}`, version: 1, grants: ['tenant'] };
    const id = chunkId(documentId, 1, index);
    return {
      id,
      dense: vectors[index] ?? [],
      sparse: sparse[index] ?? NO_TERMS,
      passage: { ...document, ...place, text },
    };
  });
  const tenantId = tenantIdOf('contoso');
  await vectorStore.upsert(space, tenantId, points);
  await vectorStore.makeLive(space, { tenantId, knowledgeBaseId, documentId }, 1);
}

function principal(): Principal {
  const tenantId = tenantIdOf('contoso');
  return {
    kind: 'user',
    tenantId,
    tenantName: 'Contoso',
    tenantChain: [{ id: tenantId, policy: {} }],
    userId: newId('ses'),
    displayName: 'Bench',
    groups: [],
    roles: ['Member'],
    permissions: permissionsOf(['Member']),
    knowledgeBaseIds: null,
  };
}

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; milliseconds: number }> {
  const startedAt = performance.now();
  const value = await work();
  return { value, milliseconds: performance.now() - startedAt };
}

function tableOf(chunks: number, taken: readonly Timings[]): Table {
  const row = (name: string, part: keyof Timings) => {
    const values = taken.map((timings) => timings[part]);
    return [name, rounded(percentile(values, 0.5)), rounded(percentile(values, 0.95))];
  };
  return {
    caption: `${chunks} chunks, milliseconds`,
    columns: ['Part', 'p50', 'p95'],
    rows: [
      row('`POST /api/v1/query`', 'whole'),
      row('of it the store: dense and sparse in one request', 'store'),
      row('of it the embedding of the question', 'embedding'),
      row('of it the rest', 'rest'),
    ],
  };
}
