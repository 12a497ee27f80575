import { describe, expect, it } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import type { ChatModel, ChatModelEvent } from '../../../shared/models/chat-model.ts';
import { classifyDifficulty, guessDifficulty } from '../../../shared/models/difficulty.ts';
import { chatModel } from './candidates.ts';

describe('a guess', () => {
  it.each(['When is pay?', 'How many days of holiday do I have?', 'Hello', 'Wo ist das Formular?'])(
    'takes a plain question for simple: %s',
    (question) => expect(guessDifficulty(question)).toBe('simple'),
  );

  it.each([
    'Compare the two pension plans.',
    'Why did costs rise?',
    'What is the limit? And who approves more?',
    '```\nfor (;;) {}\n```',
    'a '.repeat(400),
  ])('takes one that wants reasoning for hard: %s', (question) => expect(guessDifficulty(question)).toBe('hard'));
});

describe('a classification', () => {
  const usage = { inputTokens: 50, cachedInputTokens: 0, outputTokens: 1 };
  const small = { model: chatModel('small'), reason: 'auto:classify' };
  const user = { tenantChain: [{ id: 'ten_test', policy: {} }] } as const;
  const saying = (text: string): ChatModel => ({
    async *stream(): AsyncGenerator<ChatModelEvent> {
      yield { type: 'text', text };
      yield { type: 'finish', reason: 'stop', usage, model: 'small' };
    },
  });
  const failing: ChatModel = {
    // biome-ignore lint/correctness/useYield: it fails before its first word
    async *stream(): AsyncGenerator<ChatModelEvent> {
      throw new AppError('upstream_failed', 'no');
    },
  };
  const classify = (model: ChatModel, question: string) =>
    classifyDifficulty(model, { user, small, question }, new AbortController().signal);

  it('is what the model says, with what that took', async () => {
    expect(await classify(saying(' Hard.'), 'When is pay?')).toEqual({ difficulty: 'hard', usage });
    expect(await classify(saying('simple'), 'Why is that?')).toEqual({ difficulty: 'simple', usage });
  });

  it('is the guess when the model says something else, or fails', async () => {
    expect(await classify(saying('I will follow you'), 'Why is that?')).toEqual({ difficulty: 'hard', usage });
    expect(await classify(failing, 'When is pay?')).toEqual({ difficulty: 'simple', usage: null });
  });
});
