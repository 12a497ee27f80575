import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

export interface Judged {
  readonly id: string;
  readonly text: string;
  /** How much each document that matters is worth, by its id. */
  readonly relevant: ReadonlyMap<string, number>;
}

/** A collection of documents with questions of which it is known what answers them, in the format of BEIR. */
export interface DataSet {
  readonly name: string;
  readonly documents: readonly { readonly id: string; readonly title: string; readonly text: string }[];
  readonly questions: readonly Judged[];
}

/** Where the judgements are: beside the rest, or as BEIR has them. */
const JUDGEMENTS = ['qrels.tsv', 'qrels/test.tsv'];

/** Reads a folder with `corpus.jsonl`, `queries.jsonl` and judgements. Questions that nobody judged are left out. */
export async function readDataSet(folder: string): Promise<DataSet> {
  const documents = await readLines<{ _id: string; title?: string; text: string }>(join(folder, 'corpus.jsonl'));
  const queries = await readLines<{ _id: string; text: string }>(join(folder, 'queries.jsonl'));
  const judgements = await readJudgements(folder);
  return {
    name: basename(folder),
    documents: documents.map(({ _id, title = '', text }) => ({ id: _id, title, text })),
    questions: queries.flatMap(({ _id, text }) => {
      const relevant = judgements.get(_id);
      return relevant ? [{ id: _id, text, relevant }] : [];
    }),
  };
}

/** A part of a data set that is brought in sooner: every document that matters, and others up to so many. Scores are higher on it. */
export function partOf(dataSet: DataSet, documents: number): DataSet {
  const matters = new Set(dataSet.questions.flatMap(({ relevant }) => [...relevant.keys()]));
  const others = dataSet.documents.filter(({ id }) => !matters.has(id));
  const step = Math.max(1, others.length / Math.max(1, documents - matters.size));
  const taken = new Set(
    Array.from({ length: Math.floor(others.length / step) }, (_, at) => others[Math.floor(at * step)]),
  );
  return {
    ...dataSet,
    documents: dataSet.documents.filter((document) => matters.has(document.id) || taken.has(document)),
  };
}

async function readLines<T>(file: string): Promise<T[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => JSON.parse(line) as T);
}

async function readJudgements(folder: string): Promise<Map<string, Map<string, number>>> {
  const found = await Promise.all(JUDGEMENTS.map((file) => readFile(join(folder, file), 'utf8').catch(() => null)));
  const text = found.find((content) => content !== null);
  if (text === undefined || text === null) throw new Error(`${folder} has neither ${JUDGEMENTS.join(' nor ')}.`);
  const judgements = new Map<string, Map<string, number>>();
  for (const line of text.split('\n').slice(1)) {
    const [question, document, worth] = line.split('\t');
    if (!question || !document || !(Number(worth) > 0)) continue;
    const relevant = judgements.get(question) ?? new Map<string, number>();
    judgements.set(question, relevant.set(document, Number(worth)));
  }
  return judgements;
}
