import { describe, expect, it } from 'vitest';
import { messageText } from '../../../shared/telemetry/message-text.ts';

const spoken = {
  input: [{ role: 'user' as const, text: 'My key is sk-abcdefghijklmnopqrstuvwx' }],
  output: { text: 'Keep it to yourself.', finishReason: 'stop' },
};

describe('messageText', () => {
  it('says nothing unless the policy allows it in so many words', () => {
    expect(messageText({}, spoken)).toEqual({});
    expect(messageText({ traceMessageText: false }, spoken)).toEqual({});
  });

  it('says what was said in the form of the conventions, without secrets', () => {
    const attributes = messageText({ traceMessageText: true }, spoken);
    expect(JSON.parse(attributes['gen_ai.input.messages'] ?? '')).toEqual([
      { role: 'user', parts: [{ type: 'text', content: 'My key is [redacted key]' }] },
    ]);
    expect(JSON.parse(attributes['gen_ai.output.messages'] ?? '')).toEqual([
      { role: 'assistant', parts: [{ type: 'text', content: 'Keep it to yourself.' }], finish_reason: 'stop' },
    ]);
  });

  it('is bounded, however long the conversation', () => {
    const input = Array.from({ length: 500 }, () => ({ role: 'user' as const, text: 'x'.repeat(100_000) }));
    const { 'gen_ai.input.messages': text = '' } = messageText({ traceMessageText: true }, { input });
    expect(text.length).toBeLessThan(50_000);
  });
});
