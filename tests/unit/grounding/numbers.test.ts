import { describe, expect, it } from 'vitest';
import { missingNumbers } from '../../../shared/grounding/numbers.ts';

const holds = (claim: string, source: string) => missingNumbers(claim, source).length === 0;

describe('numbers', () => {
  it.each([
    ['1,250,000', '1.25 million'],
    ['1.250.000', '1,250,000'],
    ['1\u202f250\u202f000', '1250000'],
    ['in 2024 500 people', '500 people in 2024'],
    ['80 thousand', '80,000'],
    ['4,20 Euro', '4.20 euros'],
    ['five days', '5 days'],
    ['zwölf Monate', '12 months'],
    ['15 January 2026', '2026-01-15'],
    ['January 15, 2026', '15.01.2026'],
    ['3 mars', '3 March'],
    ['１２', '12'],
    ['one day', 'a day'],
    ['1 day', 'one day'],
    ['You may march', 'You may walk'],
  ])('are the same however they are written: %s = %s', (claim, source) => {
    expect(holds(claim, source)).toBe(true);
  });

  it.each([
    ['45', '54'],
    ['1.2', '12'],
    ['1,2 million', '1.3 million'],
    ['30 days', '30'.replace('3', '2')],
    ['31 May', 'five days until 31 March'],
    ['15 January 2026', '15 February 2026'],
    ['2027', '2026'],
    ['six', 'five or seven'],
  ])('differ: %s is not %s', (claim, source) => {
    expect(holds(claim, source)).toBe(false);
  });
});
