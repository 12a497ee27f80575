import { describe, expect, it } from 'vitest';
import { asksTheSame } from '../../../shared/grounding/asks-the-same.ts';

describe('two questions that are alike', () => {
  it.each([
    ['How much is dinner in Berlin?', 'What may a dinner in Berlin cost?'],
    ['Is leave of five days allowed?', 'Are 5 days of leave allowed?'],
    ['When is the fair?', 'when is the fair'],
  ])('may have one answer: %s / %s', (one, other) => {
    expect([asksTheSame(one, other), asksTheSame(other, one)]).toEqual([true, true]);
  });

  it.each([
    ['How much is dinner in Berlin?', 'How much is dinner in Munich?'],
    ['How much is dinner in Berlin?', 'How much is dinner?'],
    ['What does E47 mean?', 'What does E48 mean?'],
    ['What changed in 2025?', 'What changed in 2024?'],
    ['Is smoking allowed?', 'Is smoking not allowed?'],
    ['Is smoking allowed?', 'Is smoking forbidden?'],
  ])('may not: %s / %s', (one, other) => {
    expect([asksTheSame(one, other), asksTheSame(other, one)]).toEqual([false, false]);
  });
});
