import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Passage } from '../../../../shared/knowledge/passage.ts';
import { createPassageReranking } from '../../../../shared/knowledge/ranking/rerank-passages.ts';
import type { Reranker } from '../../../../shared/knowledge/ranking/reranker.ts';
import { NO_TOKENS } from '../../../../shared/models/model-usage.ts';
import { createLogger } from '../../../../shared/telemetry/logger.ts';

const log = createLogger('silent');

const ranking = (count: number) =>
  Array.from(
    { length: count },
    (_, place) =>
      ({
        id: `${place}`,
        text: `passage ${place}`,
        headingPath: [],
        score: 1 - place / count,
        scores: { dense: 1, sparse: null },
      }) as unknown as Passage,
  );

/** Judges by what it is given, and takes one search each time. */
const judging = (judge: (documents: readonly string[]) => ReadonlyMap<number, number>): Reranker => ({
  model: 'judge',
  rerank: async (_, documents) => ({ scores: judge(documents), usage: { ...NO_TOKENS, units: 1 } }),
});
const unheard = () => undefined;

const ids = (passages: readonly Passage[]) => passages.map(({ id }) => id);

describe('reranking', () => {
  it('keeps every passage once, those that were judged first, with scores from 0 to 1 in order', async () => {
    const judgement = fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 2, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(judgement, fc.integer({ min: 0, max: 20 }), async (scores, unjudged) => {
        const reranker = judging(() => new Map(scores.entries()));
        const ranked = ranking(scores.length + unjudged);
        const passages = await createPassageReranking(reranker, { log, now: () => new Date(0) })('?', ranked, unheard);
        expect(ids(passages).sort()).toEqual(ids(ranked).sort());
        const judged = passages.slice(0, scores.length).map(({ scores: { rerank } }) => rerank);
        expect(judged).toEqual([...scores].sort((a, b) => b - a));
        const values = passages.map(({ score }) => score);
        expect(values).toEqual([...values].sort((a, b) => b - a));
        expect(values.every((value) => value >= 0 && value <= 1)).toBe(true);
      }),
    );
  });

  it('shows the service headings, the header of a table that goes on, and the passage alone', async () => {
    const asked: string[] = [];
    const reranker = judging((documents) => {
      asked.push(...documents);
      return new Map();
    });
    const row = {
      headingPath: ['Travel', 'Hotels'],
      tableHeader: 'Town | Price',
      text: 'Paris | 90',
      surroundings: { text: 'Oslo | 80\nParis | 90\nRome | 70', start: 0, end: 32 },
    };
    const ranked = ranking(2).map((passage, place) => (place === 0 ? { ...passage, ...row } : passage));
    await createPassageReranking(reranker, { log, now: () => new Date(0) })('?', ranked, unheard);
    expect(asked).toEqual(['Travel\nHotels\nTown | Price\nParis | 90', 'passage 1']);
  });

  it('says what it took, and nothing where it failed', async () => {
    const heard: unknown[] = [];
    const hear = (...call: unknown[]) => void heard.push(call);
    const options = { log, now: () => new Date(0) };
    const failing = judging(() => {
      throw new Error('down');
    });
    await createPassageReranking(failing, options)('?', ranking(3), hear);
    expect(heard).toEqual([]);
    await createPassageReranking(
      judging(() => new Map([[0, 1]])),
      options,
    )('?', ranking(3), hear);
    expect(heard).toEqual([['rerank', 'judge', { ...NO_TOKENS, units: 1 }]]);
  });

  it('asks again half a minute after three failures in a row', async () => {
    let now = 0;
    let calls = 0;
    const reranker = judging(() => {
      calls += 1;
      throw new Error('down');
    });
    const rerank = createPassageReranking(reranker, { log, now: () => new Date(now) });
    const ranked = ranking(3);
    for (let search = 0; search < 5; search += 1) expect(await rerank('?', ranked, unheard)).toBe(ranked);
    expect(calls).toBe(3);
    now = 30_000;
    await rerank('?', ranked, unheard);
    expect(calls).toBe(4);
  });

  it('has nothing to do with a single passage', async () => {
    const never = judging(() => {
      throw new Error('asked');
    });
    const options = { log, now: () => new Date(0) };
    const one = ranking(1);
    expect(await createPassageReranking(never, options)('?', one, unheard)).toBe(one);
  });
});
