import { createEmbedder } from '../local/emulators/model-server/embedder.ts';
import { createSupportCheck } from '../shared/grounding/answer-support.ts';
import type { EmbeddingModel } from '../shared/models/embedding-model.ts';
import { anybody } from './embedding-model.ts';
import { type GroundingPair, groundingPairs } from './grounding-pairs.ts';
import { heldOutPairs } from './held-out-pairs.ts';
import type { Report, Table } from './report.ts';
import { median, percentile, rounded } from './statistics.ts';

const DIMENSIONS = 512;
const TIMEOUT_MILLISECONDS = 60_000;

interface Judged extends GroundingPair {
  readonly isPassed: boolean;
  readonly milliseconds: number;
}

/** Has the checks judge sentences that people have judged, by words alone and with the local embedding model. */
export async function measureGrounding(): Promise<Report> {
  const embedder = createEmbedder();
  const meaning: EmbeddingModel = {
    name: 'local embeddings',
    dimensions: DIMENSIONS,
    async embed(_user, texts, signal = AbortSignal.timeout(TIMEOUT_MILLISECONDS)) {
      const vectors = await embedder.embed(texts, signal);
      return { vectors: vectors.map((vector) => Array.from(vector)), inputTokens: 0 };
    },
  };
  const words: EmbeddingModel = { ...meaning, embed: () => Promise.reject(new Error('left out')) };
  await meaning.embed(anybody, ['Loads the model before anything is timed.']);
  const tables: Table[] = [];
  for (const [caption, pairs] of [
    ['Sentences that the checks were adjusted with', groundingPairs],
    ['Sentences that they were not adjusted with', heldOutPairs],
  ] as const) {
    const rows = [
      rowOf('words alone', await judge(pairs, words)),
      rowOf('words and local embeddings', await judge(pairs, meaning)),
    ];
    const columns = ['', 'sentences', 'precision', 'recall', 'wrong ones found', 'ms p50', 'ms p95'];
    tables.push({ caption, columns, rows });
  }
  await embedder.stop();
  return {
    title: 'Support of answers by their passages',
    method:
      'Sentences as an answer would have them, with the passages that they cite, made and judged by hand; half of them are wrong in a number, date, name, negation, row or passage, or made up. ' +
      'Precision: the share of right ones among those that pass. Recall: the share of the right ones that pass. Each sentence is checked as an answer of its own.',
    tables,
    notes: [
      'Small sets: one sentence is about three points of the second table. They show what kind of mistake is found, not a rate to expect of other documents.',
      'Embeddings can only help a sentence that the words leave open; a wrong number, name or negation stays wrong.',
    ],
    failures: [],
  };
}

async function judge(pairs: readonly GroundingPair[], model: EmbeddingModel): Promise<Judged[]> {
  const check = createSupportCheck(model);
  const judged: Judged[] = [];
  for (const pair of pairs) {
    const markers = pair.passages.map((_, index) => `[${index + 1}]`).join('');
    const passages = pair.passages.map((text) => ({ text, documentName: 'document.md', headingPath: [] }));
    const started = performance.now();
    const { support } = await check(
      anybody,
      `${pair.claim} ${markers}`,
      passages,
      AbortSignal.timeout(TIMEOUT_MILLISECONDS),
    );
    const milliseconds = performance.now() - started;
    judged.push({ ...pair, isPassed: support.status === 'supported', milliseconds });
  }
  return judged;
}

function rowOf(name: string, judged: readonly Judged[]): string[] {
  const passed = judged.filter(({ isPassed }) => isPassed);
  const right = judged.filter(({ isSupported }) => isSupported);
  const wrong = judged.filter(({ isSupported }) => !isSupported);
  const share = (part: readonly Judged[], whole: readonly Judged[]) => rounded(part.length / whole.length);
  const rightPassed = passed.filter(({ isSupported }) => isSupported);
  const times = judged.map(({ milliseconds }) => milliseconds);
  return [
    name,
    String(judged.length),
    share(rightPassed, passed),
    share(rightPassed, right),
    share(
      wrong.filter(({ isPassed }) => !isPassed),
      wrong,
    ),
    rounded(median(times)),
    rounded(percentile(times, 0.95)),
  ];
}
