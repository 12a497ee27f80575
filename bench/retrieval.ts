import type { Report } from './report.ts';
import { partOf, readDataSet } from './retrieval/beir.ts';
import { type Embedding, type Measured, measureDataSet } from './retrieval/data-set.ts';
import { CHUNK_CHARACTERS, measureSizes, QUESTIONS, RESULTS } from './retrieval/sizes.ts';

const EMBEDDINGS: readonly Embedding[] = ['local-hashing-embedding', 'local-embedding'];
const ONLY = '--embedding=';
const PART = '--documents=';

/**
 * Measures how long searches take, and how good they are on each data set in BEIR's format whose folder is given:
 * `npm run bench retrieval FOLDER … [--embedding=local-hashing-embedding] [--documents=1000]`.
 */
export async function measureRetrieval(parameters: readonly string[]): Promise<Report> {
  const parameter = (name: string) => parameters.find((one) => one.startsWith(name))?.slice(name.length);
  const only = parameter(ONLY);
  const part = parameter(PART);
  const folders = parameters.filter((parameter) => !parameter.startsWith('--'));
  const embeddings = EMBEDDINGS.filter((embedding) => only === undefined || embedding === only);
  if (embeddings.length === 0) throw new Error(`There is no embedding ${only}; there are ${EMBEDDINGS.join(', ')}.`);
  const sizes = await measureSizes();
  const measured: Measured[] = [];
  for (const folder of folders) {
    const whole = await readDataSet(folder);
    const dataSet = part === undefined ? whole : partOf(whole, Number(part));
    for (const embedding of embeddings) measured.push(await measureDataSet(dataSet, embedding));
  }
  return {
    title: 'Retrieval',
    method:
      `${QUESTIONS} different questions one after another, ${RESULTS} results each, over chunks of ${CHUNK_CHARACTERS} characters, with the ` +
      'hashing embedder. Each question is asked through `POST /api/v1/query`, then its parts are timed at their adapters. Data sets are brought in ' +
      'through the drop folder, as any documents; the hybrid ranking is the answer of the API, its parts come from their adapters.',
    tables: [...sizes.tables, ...measured.flatMap(({ tables }) => tables)],
    notes: [
      'The store is the local Qdrant server, which searches exactly; a real one has its own figures. Its time includes its client.',
      'The own share is the time of a request in which the process waits for no other service: token check, validation, BM25 of the question, asking the stores and reading what they answered, ranking, and the answer. It does not count while others on the machine, such as the emulators, have the cores that the app could go on with. The app runs as the Node worker of Azure does, and has answered twice as many other questions before.',
      ...sizes.notes,
      ...measured.flatMap(({ notes }) => notes),
    ],
    failures: measured.flatMap(({ failures }) => failures),
  };
}
