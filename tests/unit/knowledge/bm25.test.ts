import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { documentVector, queryVector, termsOf } from '../../../shared/knowledge/bm25.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 200 });
const words = fc.array(fc.stringMatching(/^[b-df-hj-np-tv-z]{3,6}$/), { minLength: 1, maxLength: 30 });

function score(query: string, document: string): number {
  const { indices, values } = documentVector(document);
  const weights = new Map(indices.map((index, position) => [index, values[position] ?? 0]));
  const asked = queryVector(query);
  return asked.indices.reduce(
    (sum, index, position) => sum + (weights.get(index) ?? 0) * (asked.values[position] ?? 0),
    0,
  );
}

describe('terms', () => {
  it('are the same whatever the case, the ending or the form of the characters', () => {
    expect(termsOf('Reimbursements')).toEqual(termsOf('REIMBURSEMENT'));
    expect(termsOf('holidays policies')).toEqual(termsOf('Holiday policy'));
    expect(termsOf('ﬁle')).toEqual(termsOf('file'));
    expect(termsOf('cafe\u0301')).toEqual(termsOf('café'));
  });

  it('leave out words that every text has', () => {
    expect(termsOf('What is the notice period of an employee?')).toEqual(termsOf('notice period employee'));
    expect(termsOf('the and of')).toEqual([]);
  });

  it('keep numbers, codes and words of any script', () => {
    expect(termsOf('E-4711 über 2026 политика')).toEqual(['e', '4711', 'über', '2026', 'политика']);
  });
});

describe('sparse vectors', () => {
  it('have ascending, unique, unsigned dimensions and positive, finite weights', () => {
    fc.assert(
      fc.property(text, (content) => {
        for (const { indices, values } of [documentVector(content), queryVector(content)]) {
          expect(indices).toEqual([...new Set(indices)].sort((a, b) => a - b));
          expect(indices.every((index) => Number.isInteger(index) && index >= 0 && index < 2 ** 32)).toBe(true);
          expect(values).toHaveLength(indices.length);
          expect(values.every((value) => Number.isFinite(value) && value > 0)).toBe(true);
        }
      }),
    );
  });

  it('do not depend on the order of the words', () => {
    fc.assert(
      fc.property(words, (list) => {
        expect(documentVector([...list].reverse().join(' '))).toEqual(documentVector(list.join(' ')));
      }),
    );
  });

  it('never weigh a term by more than K1 + 1, however often it stands there', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_000 }), (count) => {
        expect(documentVector('tamarind '.repeat(count)).values[0]).toBeLessThan(2.2);
      }),
    );
  });

  it('prefer the text that says a word more often, and the shorter of two that say it as often', () => {
    const filler = 'lorem ipsum dolor sit amet '.repeat(10);
    expect(score('tamarind', `tamarind tamarind ${filler}`)).toBeGreaterThan(score('tamarind', `tamarind ${filler}`));
    expect(score('tamarind', 'tamarind')).toBeGreaterThan(score('tamarind', `tamarind ${filler}`));
    expect(score('tamarind', filler)).toBe(0);
  });

  it('are empty for a question without words', () => {
    expect(queryVector('?!… the')).toEqual({ indices: [], values: [] });
  });
});
