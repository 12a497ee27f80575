import type { PlatformClient } from '../../local/platform-client.ts';
import { loadConfig } from '../../shared/config.ts';
import type { SearchResult } from '../../shared/contracts/search.ts';
import { denseWeightOf } from '../../shared/knowledge/ranking/fusion.ts';
import { type Hits, rankSpaces } from '../../shared/knowledge/ranking/rank-passages.ts';
import { createKnowledgeBase, signIn, withPrivateStack } from '../private-stack.ts';
import type { Table } from '../report.ts';
import { percentileRow, rounded } from '../statistics.ts';
import type { DataSet, Judged } from './beir.ts';
import { idOf, importDocuments } from './import-documents.ts';
import { judge, type Quality } from './judge.ts';
import { createSearchParts, timed } from './search-parts.ts';

export type Embedding = 'local-embedding' | 'local-hashing-embedding';

const FIRST_PAGE = 10;
const ALL = 100;
/** As the app asks for a first page, and for a hundred results. */
const CANDIDATES = 50;
const ALL_CANDIDATES = 200;
const WEIGHTS = [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];
/** What BM25 alone must reach: about what is published for these data sets. */
const GOALS: Readonly<Record<string, number>> = { scifact: 0.67, nfcorpus: 0.325 };

export interface Measured {
  readonly tables: readonly Table[];
  readonly notes: readonly string[];
  readonly failures: readonly string[];
}

/** Brings a data set in as any documents, asks its questions through the API, and the parts of each search apart. */
export async function measureDataSet(dataSet: DataSet, embedding: Embedding): Promise<Measured> {
  return withPrivateStack(
    async ({ stack, startApp }) => {
      const app = await startApp();
      const keeper = await signIn(app, stack);
      const knowledgeBase = await createKnowledgeBase(keeper, dataSet.name);
      const seconds = await importDocuments(stack, keeper, knowledgeBase.id, dataSet);
      const ask = askThrough(keeper, knowledgeBase.id);
      const searchParts = createSearchParts(loadConfig(stack.env));
      const rankings = { dense: new Map(), sparse: new Map(), hybrid: new Map() } as Rankings;
      const firstPages: { question: Judged; hits: Hits }[] = [];
      const times: Times = { whole: [], embedding: [], store: [] };
      for (const question of dataSet.questions) {
        const first = await timed(() => ask(question.text, FIRST_PAGE));
        const all = await ask(question.text, ALL);
        rankings.hybrid.set(question.id, [...new Set([...first.value, ...all])]);
        const page = await searchParts(knowledgeBase, question.text, CANDIDATES);
        firstPages.push({ question, hits: page.hits });
        times.whole.push(first.milliseconds);
        times.embedding.push(page.embedding);
        times.store.push(page.store);
        const { hits } = await searchParts(knowledgeBase, question.text, ALL_CANDIDATES);
        for (const part of ['dense', 'sparse'] as const) {
          rankings[part].set(question.id, documentsOf(hits[part].map(({ passage }) => passage)));
        }
      }
      const quality = {
        sparse: judge(dataSet.questions, rankings.sparse),
        dense: judge(dataSet.questions, rankings.dense),
        hybrid: judge(dataSet.questions, rankings.hybrid),
      };
      return report({ dataSet, embedding, seconds, quality, times, sweep: sweep(dataSet.questions, firstPages) });
    },
    { embedding: embedding === 'local-embedding' ? 'model' : 'hashing' },
  );
}

type Rankings = Record<keyof Qualities, Map<string, string[]>>;
type Qualities = Readonly<Record<'sparse' | 'dense' | 'hybrid', Quality>>;
type Times = Readonly<Record<'whole' | 'embedding' | 'store', number[]>>;

/** Documents by their best passage. */
const documentsOf = (passages: readonly { readonly documentName: string }[]) => [
  ...new Set(passages.map(({ documentName }) => idOf(documentName))),
];

function askThrough(client: PlatformClient, knowledgeBaseId: string) {
  return async (query: string, limit: number): Promise<string[]> => {
    const body = { query, limit, knowledgeBaseIds: [knowledgeBaseId] };
    const { results } = await client.must<{ results: SearchResult[] }>('POST', '/api/v1/query', body);
    return documentsOf(results);
  };
}

/** What other weights of the dense part would give, with the fusion of the app. */
function sweep(questions: readonly Judged[], pages: readonly { question: Judged; hits: Hits }[]) {
  return WEIGHTS.map((weight) => {
    const rankings = new Map(
      pages.map(
        ({ question, hits }) => [question.id, documentsOf(rankSpaces([{ ...hits, denseWeight: weight }]))] as const,
      ),
    );
    return { weight, quality: judge(questions, rankings) };
  });
}

interface Outcome {
  readonly dataSet: DataSet;
  readonly embedding: Embedding;
  readonly seconds: number;
  readonly quality: Qualities;
  readonly times: Times;
  readonly sweep: readonly { readonly weight: number; readonly quality: Quality }[];
}

function report({ dataSet, embedding, seconds, quality, times, sweep: swept }: Outcome): Measured {
  const { name, documents, questions } = dataSet;
  const fixed = (value: number) => value.toFixed(4);
  const row = (title: string, { ndcg10, recall10, recall100 }: Quality) => [
    title,
    fixed(ndcg10),
    fixed(recall10),
    fixed(recall100),
  ];
  const where = `${name}, ${embedding}`;
  const better = Math.max(quality.sparse.ndcg10, quality.dense.ndcg10);
  const goal = GOALS[name.toLowerCase()];
  return {
    tables: [
      {
        caption: `${where}: ${documents.length} documents, ${questions.length} questions`,
        columns: ['Part', 'nDCG@10', 'recall@10', 'recall@100'],
        rows: [
          row('sparse (BM25)', quality.sparse),
          row('dense', quality.dense),
          row('hybrid, `POST /api/v1/query`', quality.hybrid),
        ],
      },
      {
        caption: `${where}: hybrid by the weight of the dense part (in force: ${denseWeightOf(embedding)})`,
        columns: ['Weight', ...swept.map(({ weight }) => String(weight))],
        rows: [
          ['nDCG@10', ...swept.map(({ quality: { ndcg10 } }) => fixed(ndcg10))],
          ['recall@10', ...swept.map(({ quality: { recall10 } }) => fixed(recall10))],
        ],
      },
      {
        caption: `${where}: milliseconds for ${FIRST_PAGE} results`,
        columns: ['Part', 'p50', 'p95'],
        rows: [
          percentileRow('`POST /api/v1/query`', times.whole),
          percentileRow('of it the embedding of the question', times.embedding),
          percentileRow('of it the store: dense and sparse in one request', times.store),
        ],
      },
    ],
    notes: [`${where}: brought in through the drop folder in ${rounded(seconds)} s.`],
    failures: [
      ...(quality.hybrid.ndcg10 < better ? [`${where}: hybrid is worse than the better of its parts.`] : []),
      ...(goal !== undefined && quality.sparse.ndcg10 < goal ? [`${where}: BM25 alone is under ${goal}.`] : []),
    ],
  };
}
