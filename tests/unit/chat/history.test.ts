import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TOKENS_PER_MESSAGE, trimHistory } from '../../../shared/chat/history.ts';

const count = (text: string) => text.length;
const user = (text: string) => ({ role: 'user' as const, text });
const assistant = (text: string) => ({ role: 'assistant' as const, text });
const history = fc.array(
  fc.record({ role: fc.constantFrom('user' as const, 'assistant' as const), text: fc.string({ maxLength: 30 }) }),
  { maxLength: 30 },
);

describe('a trimmed history', () => {
  it('is whole when it fits to the last token', () => {
    const messages = [user('aaa'), assistant('bbb')];
    expect(trimHistory(messages, 14, count)).toHaveLength(2);
    expect(trimHistory(messages, 13, count)).toEqual([]);
  });

  it('starts with a question of the user', () => {
    const messages = [user('first'), assistant('answer'), user('second'), assistant('last')];
    expect(trimHistory(messages, 30, count)).toEqual([
      { role: 'user', content: 'second' },
      { role: 'assistant', content: 'last' },
    ]);
  });

  it('never exceeds its budget, keeps the newest without gaps, and starts with a user', () => {
    fc.assert(
      fc.property(history, fc.integer({ min: -50, max: 500 }), (messages, budget) => {
        const kept = trimHistory(messages, budget, count);
        const used = kept.reduce((sum, { content }) => sum + count(content) + TOKENS_PER_MESSAGE, 0);
        expect(used).toBeLessThanOrEqual(Math.max(0, budget));
        const newest = messages.slice(messages.length - kept.length);
        expect(kept).toEqual(newest.map(({ role, text }) => ({ role, content: text })));
        expect(kept[0]?.role ?? 'user').toBe('user');
      }),
    );
  });

  it('keeps all that it can', () => {
    fc.assert(
      fc.property(history, fc.nat({ max: 500 }), (messages, budget) => {
        const kept = trimHistory(messages, budget, count);
        const left = messages.slice(0, messages.length - kept.length);
        const nextQuestion = left.findLastIndex(({ role }) => role === 'user');
        if (nextQuestion < 0) return;
        const longer = messages.slice(nextQuestion);
        const needed = longer.reduce((sum, { text }) => sum + count(text) + TOKENS_PER_MESSAGE, 0);
        expect(needed).toBeGreaterThan(budget);
      }),
    );
  });
});
