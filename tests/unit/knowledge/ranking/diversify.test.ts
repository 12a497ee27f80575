import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diversify, type Ranked } from '../../../../shared/knowledge/ranking/diversify.ts';

const passage = (documentId: string, score: number, text = `${documentId} ${score}`, modifiedAt?: string): Ranked => ({
  documentId,
  score,
  text,
  modifiedAt,
});
const ranking = fc
  .array(
    fc.record({
      documentId: fc.constantFrom('a', 'b', 'c'),
      score: fc.double({ min: 0, max: 1, noNaN: true }),
      text: fc.stringMatching(/^[a-z]{1,3} [a-z]{1,3}$/),
    }),
    { maxLength: 30 },
  )
  .map((passages) => passages.sort((a, b) => b.score - a.score));

describe('a diverse choice', () => {
  it('begins with the best, ranks by the scores that it gives, and invents nothing', () => {
    fc.assert(
      fc.property(ranking, fc.integer({ min: 1, max: 30 }), (ranked, limit) => {
        const chosen = diversify(ranked, limit);
        expect(chosen.length).toBeLessThanOrEqual(limit);
        expect(chosen[0]?.score).toBe(ranked[0]?.score);
        const scores = chosen.map(({ score }) => score);
        expect(scores).toEqual([...scores].sort((a, b) => b - a));
        const texts = chosen.map(({ text }) => text);
        expect(new Set(texts).size).toBe(texts.length);
        expect(texts.every((text) => ranked.some((one) => one.text === text))).toBe(true);
      }),
    );
  });

  it('is the beginning of a longer one', () => {
    fc.assert(
      fc.property(ranking, fc.integer({ min: 1, max: 30 }), (ranked, limit) => {
        const texts = (count: number) => diversify(ranked, count).map(({ text }) => text);
        expect(texts(limit)).toEqual(texts(30).slice(0, limit));
      }),
    );
  });

  it('puts another document before the fourth passage of one, where it fits nearly as well', () => {
    const ranked = [0.9, 0.89, 0.88, 0.87].map((score) => passage('a', score));
    const order = (other: number) => diversify([...ranked, passage('b', other)], 5).map(({ documentId }) => documentId);
    expect(order(0.8)).toEqual(['a', 'a', 'a', 'b', 'a']);
    expect(order(0.3)).toEqual(['a', 'a', 'a', 'a', 'b']);
  });

  it('keeps of copies the best, or the newest of those that fit as well', () => {
    const older = passage('old', 0.9, 'the same text of some length', '2024-01-01T00:00:00.000Z');
    const newer = passage('new', 0.9, 'the same text of some length', '2026-01-01T00:00:00.000Z');
    expect(diversify([older, newer], 8).map(({ documentId }) => documentId)).toEqual(['new']);
    expect(diversify([older, { ...newer, score: 0.7 }], 8).map(({ documentId }) => documentId)).toEqual(['old']);
  });
});
