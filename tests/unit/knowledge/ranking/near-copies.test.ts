import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areNearCopies, sketchOf } from '../../../../shared/knowledge/ranking/near-copies.ts';

const alike = (one: string, other: string) => areNearCopies(sketchOf(one), sketchOf(other));
const words = fc.array(fc.stringMatching(/^[a-z]{2,7}$/), { minLength: 1, maxLength: 120 });
const policy =
  'Everybody who works for the company may take the days of holiday that the contract grants, in any month of the ' +
  'year, after the manager has agreed in writing and the calendar of the team shows who stands in for whom.';

describe('a near copy', () => {
  it('is a text in the same words, whatever its case, marks and line breaks', () => {
    fc.assert(
      fc.property(words, (list) => {
        expect(alike(list.join(' '), list.join(' ,\n').toUpperCase())).toBe(true);
      }),
    );
  });

  it('may differ in a word', () => {
    expect(alike(policy, policy.replace('calendar', 'planner'))).toBe(true);
  });

  it('is no text about something else, and none with another number', () => {
    expect(alike(policy, 'Cars park behind the orchard, where the gate opens with a code.')).toBe(false);
    expect(alike(`${policy} It is 28 days.`, `${policy} It is 30 days.`)).toBe(false);
    expect(alike('', 'something')).toBe(false);
  });

  it('is no text that shares a part only, as neighbours do that overlap', () => {
    const [first, second] = [policy.slice(0, 150), policy.slice(100)];
    expect(alike(first, second)).toBe(false);
  });

  it('is one both ways', () => {
    fc.assert(
      fc.property(words, words, (one, other) => {
        expect(alike(one.join(' '), other.join(' '))).toBe(alike(other.join(' '), one.join(' ')));
      }),
    );
  });
});
