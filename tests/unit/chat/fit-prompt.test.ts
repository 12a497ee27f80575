import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitPrompt } from '../../../shared/chat/fit-prompt.ts';
import { TOKENS_PER_MESSAGE } from '../../../shared/chat/history.ts';
import type { Message } from '../../../shared/contracts/sessions.ts';
import type { Passage } from '../../../shared/knowledge/passage.ts';
import type { ChatModelMessage } from '../../../shared/models/chat-model.ts';
import { loadTokenizer } from '../../../shared/models/tokenizer.ts';

const { count } = await loadTokenizer();

function message(role: Message['role'], text: string): Message {
  const none = { citations: [], model: null, finishReason: null, usage: null, feedback: null };
  return { id: 'msg', sessionId: 'ses', runId: 'run', createdAt: '2026-01-01T00:00:00.000Z', role, text, ...none };
}

function passage(id: number, text: string): Passage {
  const place = {
    knowledgeBaseId: 'kb',
    documentId: 'doc',
    version: 1,
    page: null,
    headingPath: ['Part'],
    start: 0,
    end: 1,
  };
  const scores = { score: 1, scores: { dense: 1, sparse: null } };
  return { id: String(id), documentName: 'a.md', text, ...place, ...scores } as unknown as Passage;
}

const tokensOf = (messages: readonly ChatModelMessage[]) =>
  messages.reduce((sum, { content }) => sum + count(content) + TOKENS_PER_MESSAGE, 0);
const unusedTokenizer = () => Promise.reject(new Error('loaded for nothing'));
const text = fc.oneof(fc.lorem({ maxCount: 60 }), fc.string({ unit: 'grapheme', maxLength: 80 }));

describe('a prompt', () => {
  it('holds everything when there is room, without loading the tokenizer', async () => {
    const history = [message('user', 'Before?'), message('assistant', 'Yes.')];
    const parts = { passages: [passage(1, 'One.'), passage(2, 'Two.')], history, question: 'Now?' };
    const { instructions, conversation, passages } = await fitPrompt({ ...parts, options: {} }, 5_000, unusedTokenizer);

    expect(conversation.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    expect(instructions.content).toContain('<passage id="2"');
    expect(passages).toHaveLength(2);
  });

  it('never exceeds its budget as long as instructions and question fit, and always asks the question', async () => {
    const parts = fc.record({
      passages: fc.option(
        fc.array(text, { maxLength: 8 }).map((texts) => texts.map((each, index) => passage(index, each))),
      ),
      history: fc
        .array(text, { maxLength: 12 })
        .map((texts) => texts.map((each, index) => message(index % 2 === 0 ? 'user' : 'assistant', each))),
      question: text,
    });
    await fc.assert(
      fc.asyncProperty(parts, fc.integer({ min: 600, max: 2_000 }), async (given, budget) => {
        const { instructions, conversation, passages } = await fitPrompt(
          { ...given, options: {} },
          budget,
          loadTokenizer,
        );
        expect(tokensOf([instructions, ...conversation])).toBeLessThanOrEqual(budget);
        expect(conversation.at(-1)).toEqual({ role: 'user', content: given.question });
        expect(passages).toEqual((given.passages ?? []).slice(0, passages.length));
      }),
      { numRuns: 60 },
    );
  });

  it('gives what surrounds passages as long as there is room, and before one is left out the passages alone', async () => {
    const around = (index: number) => ({ text: `Before. ${'word '.repeat(300)}Text ${index}.`, start: 0, end: 1_600 });
    const passages = [1, 2].map((index) => ({
      ...{ ...passage(index, `Text ${index}.`), documentId: `doc ${index}`, surroundings: around(index) },
    }));
    const shownWith = async (budget: number) => {
      const parts = { passages, history: [], question: 'Now?', options: {} };
      const { instructions, passages: shown, isTooLong } = await fitPrompt(parts, budget, loadTokenizer);
      const read = instructions.content.match(/Before\./g)?.length ?? 0;
      expect(shown.filter(({ surroundings }) => surroundings !== null)).toHaveLength(read);
      return { shown: shown.length, read, isTooLong };
    };

    expect(await shownWith(2_000)).toEqual({ shown: 2, read: 2, isTooLong: false });
    expect(await shownWith(610)).toEqual({ shown: 2, read: 1, isTooLong: false });
    expect(await shownWith(400)).toEqual({ shown: 2, read: 0, isTooLong: false });
  });

  it('is only instructions and question when even those are too long', async () => {
    const parts = {
      passages: [passage(1, 'One.')],
      history: [message('user', 'Before?')],
      question: 'word '.repeat(900),
    };
    const { conversation, passages } = await fitPrompt({ ...parts, options: {} }, 500, loadTokenizer);

    expect(conversation.map(({ role }) => role)).toEqual(['user']);
    expect(passages).toEqual([]);
  });
});
