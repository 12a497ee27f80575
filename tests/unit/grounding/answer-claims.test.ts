import { describe, expect, it } from 'vitest';
import { claimsOf } from '../../../shared/grounding/answer-claims.ts';
import { statementsOf } from '../../../shared/grounding/statements.ts';

const claims = (answer: string) => claimsOf(answer).map(({ text, citations }) => [text, [...citations]]);

describe('the claims of an answer', () => {
  it('are its sentences, with the markers in, after or before the full stop', () => {
    expect(claims('Lunch is free [1]. Dinner costs 40 euros. [2] Taxis [3] are paid, too [1][3].')).toEqual([
      ['Lunch is free.', [1]],
      ['Dinner costs 40 euros.', [2]],
      ['Taxis are paid, too.', [3, 1]],
    ]);
  });

  it('are found where they stand in the answer', () => {
    const answer = 'Hello!\n\n- Lunch is free [1].\n- Dinner costs **40 euros** [2].';
    expect(claimsOf(answer).map(({ start, end }) => answer.slice(start, end))).toEqual([
      '- Lunch is free [1].',
      '- Dinner costs **40 euros** [2].',
    ]);
    expect(claims(answer).map(([text]) => text)).toEqual(['Lunch is free.', 'Dinner costs 40 euros.']);
  });

  it('are not cut at abbreviations, initials, numbers or dates', () => {
    expect(
      claims('Dr. Weber, e.g. in Munich, decides [1]. Am 3. März wird bezahlt [2]. See No. 5 by J. Smith [3].'),
    ).toEqual([
      ['Dr. Weber, e.g. in Munich, decides.', [1]],
      ['Am 3. März wird bezahlt.', [2]],
      ['See No. 5 by J. Smith.', [3]],
    ]);
  });

  it('of a list have what its first line cites, unless they cite something themselves', () => {
    const answer = 'For a badge you need [1]:\n- a passport card\n- the signed contract [2]\n\nAsk the reception desk.';
    expect(claims(answer)).toEqual([
      ['For a badge you need:', [1]],
      ['a passport card', [1]],
      ['the signed contract', [2]],
      ['Ask the reception desk.', []],
    ]);
  });

  it('of a table are its rows', () => {
    expect(claims('| Room | Seats |\n|---|---|\n| Isar | 16 [1] |\n| Elbe | 8 [2] |')).toEqual([
      ['Isar 16', [1]],
      ['Elbe 8', [2]],
    ]);
  });

  it.each([
    'The documents do not say.',
    'Hello! How can I help you?',
    'Here is what I found:',
    '# Travel expenses in Germany',
    'I could not find anything on that.',
    'Die Dokumente sagen dazu nichts.',
    'Les documents ne le disent pas.',
    'I hope this helps. Let me know if you need more details.',
  ])('leave out what claims nothing: %s', (answer) => {
    expect(claims(answer)).toEqual([]);
  });

  it('include what cites nothing but says something', () => {
    expect(claims('Everybody gets a company car.')).toEqual([['Everybody gets a company car.', []]]);
  });

  it('are found in an answer that was made to be slow to read', () => {
    expect(claims('document '.repeat(40_000))).toHaveLength(1);
    expect(statementsOf('\n '.repeat(100_000))).toHaveLength(0);
  });
});
