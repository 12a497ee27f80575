import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Passage } from '../../../../shared/knowledge/passage.ts';
import { createPassageReranking } from '../../../../shared/knowledge/ranking/rerank-passages.ts';
import type { Reranker } from '../../../../shared/knowledge/ranking/reranker.ts';
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

const ids = (passages: readonly Passage[]) => passages.map(({ id }) => id);

describe('reranking', () => {
  it('keeps every passage once, those that were judged first, with scores from 0 to 1 in order', async () => {
    const judgement = fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 2, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(judgement, fc.integer({ min: 0, max: 20 }), async (scores, unjudged) => {
        const reranker: Reranker = { rerank: async () => new Map(scores.entries()) };
        const ranked = ranking(scores.length + unjudged);
        const passages = await createPassageReranking(reranker, { log, now: () => new Date(0) })('?', ranked);
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
    const reranker: Reranker = {
      rerank: async (_, documents) => {
        asked.push(...documents);
        return new Map();
      },
    };
    const row = {
      headingPath: ['Travel', 'Hotels'],
      tableHeader: 'Town | Price',
      text: 'Paris | 90',
      surroundings: { text: 'Oslo | 80\nParis | 90\nRome | 70', start: 0, end: 32 },
    };
    const ranked = ranking(2).map((passage, place) => (place === 0 ? { ...passage, ...row } : passage));
    await createPassageReranking(reranker, { log, now: () => new Date(0) })('?', ranked);
    expect(asked).toEqual(['Travel\nHotels\nTown | Price\nParis | 90', 'passage 1']);
  });

  it('asks again half a minute after three failures in a row', async () => {
    let now = 0;
    let calls = 0;
    const reranker: Reranker = {
      rerank: async () => {
        calls += 1;
        throw new Error('down');
      },
    };
    const rerank = createPassageReranking(reranker, { log, now: () => new Date(now) });
    const ranked = ranking(3);
    for (let search = 0; search < 5; search += 1) expect(await rerank('?', ranked)).toBe(ranked);
    expect(calls).toBe(3);
    now = 30_000;
    await rerank('?', ranked);
    expect(calls).toBe(4);
  });

  it('has nothing to do without a service, or with a single passage', async () => {
    const never: Reranker = { rerank: () => Promise.reject(new Error('asked')) };
    const options = { log, now: () => new Date(0) };
    const many = ranking(3);
    expect(await createPassageReranking(null, options)('?', many)).toBe(many);
    const one = ranking(1);
    expect(await createPassageReranking(never, options)('?', one)).toBe(one);
  });
});
