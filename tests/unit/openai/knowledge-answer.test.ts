import { expect, it } from 'vitest';
import type { ChatModelEvent } from '../../../shared/models/chat-model.ts';
import { createPriceBook } from '../../../shared/models/price-book.ts';
import { answerFromKnowledge, type KnowledgeAnswerOptions } from '../../../shared/openai/knowledge-answer.ts';
import { principalOf } from '../../integration/support/principals.ts';
import { chatModel } from '../models/candidates.ts';

const ROUTE = { model: 'm', deployment: 'eu/m', region: 'eu', reason: 'asked', attempts: 1 };
const NOTHING = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 };
const knowledgeBase = { id: 'kb_1', name: 'Rules', access: { visibility: 'tenant' } };

/** What became of a call: in the order in which it happened. */
function answering() {
  const events: string[] = [];
  async function* stream(): AsyncGenerator<ChatModelEvent> {
    try {
      yield { type: 'route', route: ROUTE };
      for (let word = 0; word < 100; word += 1) yield { type: 'text', text: 'word ' };
      yield { type: 'finish', reason: 'stop', usage: NOTHING, model: 'm' };
    } finally {
      events.push('model ended');
    }
  }
  const options = {
    gateway: { choose: () => ({ model: chatModel('m'), reason: 'asked' }) },
    chatModel: { stream },
    knowledgeBases: { list: async () => [knowledgeBase] },
    retrieval: {
      embed: async (_: unknown, text: string) => ({ text, vector: [], model: 'e', usage: NOTHING }),
      search: async () => [],
    },
    loadTokenizer: async () => ({ count: (text: string) => text.length }),
    limiter: { reserve: async () => ({ settle: async () => void events.push('settled') }) },
    meter: {
      record: async (calls: readonly { kind: string; usage: { outputTokens: number } }[]) => {
        const chat = calls.find(({ kind }) => kind === 'chat');
        events.push(`metered ${chat?.usage.outputTokens}`);
      },
    },
    audit: { record: async ({ action }: { action: string }) => void events.push(action) },
    log: {},
    prices: createPriceBook(),
    now: () => new Date('2026-01-01T00:00:00Z'),
  } as unknown as KnowledgeAnswerOptions;
  const question = {
    model: 'kb/Rules',
    conversation: { question: 'What?', history: [] },
    maxOutputTokens: 50,
    operation: 'chat' as const,
    stream: true,
    baseUrl: 'https://here',
  };
  return { events, answer: () => answerFromKnowledge(options, principalOf('ten_1'), question) };
}

it('a reader who goes away in the middle ends the model and pays for what it has said', async () => {
  const { events, answer } = answering();
  const { events: said } = await answer();
  for await (const _ of said) break;

  expect(events.filter((event) => event !== 'retrieval.done').toSorted()).toEqual([
    'metered 2',
    'model ended',
    'model.called',
    'settled',
  ]);
});

it('a reader who stays pays once', async () => {
  const { events, answer } = answering();
  const { events: said } = await answer();
  for await (const _ of said);

  expect(events.filter((event) => /metered|settled/.test(event))).toHaveLength(2);
});
