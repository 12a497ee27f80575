import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateConversation, shortenConversation } from '../../../shared/chat/shorten-conversation.ts';
import type { ChatModelMessage } from '../../../shared/models/chat-model.ts';

const words = (count: number) => 'word '.repeat(count);
const toolCalls = [{ id: 'call_0', name: 'calculator', arguments: '{}' }];

function conversation(history: number, results: number): ChatModelMessage[] {
  const turns = Array.from({ length: history }, (_, index): ChatModelMessage[] => [
    { role: 'user', content: `${index} ${words(20)}` },
    { role: 'assistant', content: words(20) },
  ]);
  const steps = Array.from({ length: results }, (): ChatModelMessage[] => [
    { role: 'assistant', content: '', toolCalls },
    { role: 'tool', toolCallId: 'call_0', content: words(100) },
  ]);
  const question: ChatModelMessage = { role: 'user', content: 'The question' };
  return [{ role: 'system', content: words(30) }, ...turns.flat(), question, ...steps.flat()];
}

describe('making a conversation fit', () => {
  it('leaves it alone when it fits', () => {
    const messages = conversation(3, 1);
    expect(shortenConversation(messages, estimateConversation(messages))).toBeNull();
  });

  it('leaves out the oldest history first, from a question on', () => {
    const messages = conversation(3, 1);
    const shorter = shortenConversation(messages, estimateConversation(messages) - 40);
    expect(shorter?.map(({ role }) => role)).toEqual([
      'system',
      'user',
      'assistant',
      'user',
      'assistant',
      'user',
      'assistant',
      'tool',
    ]);
    expect(shorter?.[1]?.content).toMatch(/^1 /);
  });

  it('then leaves out the oldest results, and nothing else', () => {
    const messages = conversation(1, 2);
    const shorter = shortenConversation(messages, estimateConversation(messages) - 150) ?? [];
    expect(shorter.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'tool', 'assistant', 'tool']);
    expect(shorter.map(({ content }) => content.startsWith('This result was left out'))).toEqual([
      false,
      false,
      false,
      true,
      false,
      false,
    ]);
  });

  it('keeps instructions, question and calls, whatever the budget, and never grows', () => {
    const count = fc.integer({ min: 0, max: 6 });
    fc.assert(
      fc.property(count, count, fc.integer({ min: 0, max: 2_000 }), (history, results, budget) => {
        const messages = conversation(history, results);
        const shorter = shortenConversation(messages, budget) ?? messages;
        expect(shorter[0]).toBe(messages[0]);
        expect(shorter).toContain(messages.findLast(({ role }) => role === 'user'));
        expect(shorter.filter(({ role }) => role === 'tool')).toHaveLength(results);
        expect(estimateConversation(shorter)).toBeLessThanOrEqual(estimateConversation(messages));
        const least = estimateConversation(conversation(0, 0)) + results * 30;
        if (budget >= least) expect(estimateConversation(shorter)).toBeLessThanOrEqual(budget);
      }),
    );
  });
});
