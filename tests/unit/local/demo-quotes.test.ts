import { expect, it } from 'vitest';
import { excerptAround, isQuotedFrom, quotesOf } from '../../../local/demo/quotes.ts';

it('gives the sentences that a marker follows', () => {
  const answer = 'Holidays are 28 days. [1] Trips need approval. [2] Sundays are free. [1]';

  expect(quotesOf(answer, 1)).toEqual(['Holidays are 28 days.', 'Sundays are free.']);
  expect(quotesOf(answer, 2)).toEqual(['Trips need approval.']);
  expect(quotesOf(answer, 3)).toEqual([]);
});

it('finds a quoted sentence through markup and line breaks', () => {
  expect(isQuotedFrom('Every employee receives 28 days.', 'So: **every employee**\nreceives `28` days.')).toBe(true);
});

it('finds a quoted table row by its cells', () => {
  expect(isQuotedFrom('Code: E47; Meaning: lost radio', '| Code | Meaning |\n| E47 | Lost radio |')).toBe(true);
});

it('does not take a sentence for quoted that differs by one word or is cut off', () => {
  expect(isQuotedFrom('Every employee receives 30 days.', 'Every employee receives 28 days.')).toBe(false);
  expect(isQuotedFrom('receives 28 days', 'receives 28 day')).toBe(false);
  expect(isQuotedFrom('…', 'anything')).toBe(false);
});

it('shows a text from shortly before the quoted words on', () => {
  const text = `${'word '.repeat(20)}It was lost, at sea.`;

  expect(excerptAround('It was lost at sea.', text)).toBe('…word word word word It was lost, at sea.');
  expect(excerptAround('Nowhere to be found', text)).toBe(text);
});
