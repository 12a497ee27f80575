import { expect, it } from 'vitest';
import { SemanticCache } from '../../../shared/cache/semantic-cache.ts';
import type { ChatCatalogModel } from '../../../shared/contracts/models.ts';
import type { Principal } from '../../../shared/identity/principal.ts';
import type { ChatModelEvent } from '../../../shared/models/chat-model.ts';
import { answerFromKnowledge, type KnowledgeAnswerOptions } from '../../../shared/openai/knowledge-answer.ts';
import { createLogger } from '../../../shared/telemetry/logger.ts';

const KB = 'kb_1';
const catalogModel = { name: 'm', contextTokens: 8_000, maxOutputTokens: 500, abilities: [] } as unknown;
const choice = { model: catalogModel as ChatCatalogModel, reason: 'platform-default' };
const principal = {
  tenantId: 'ten_1',
  userId: 'u',
  kind: 'user',
  displayName: '',
  permissions: new Set(['knowledge:read', 'chat:use']),
  tenantChain: [{ id: 'ten_1', policy: {} }],
} as unknown as Principal;
const nothing = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 };
const route = { model: 'm', deployment: 'd', region: 'r', reason: 'platform-default', attempts: 1 };

/** Asks a model that says `events` in a knowledge base without documents, and tells what was recorded, metered and settled. */
async function ask(events: readonly ChatModelEvent[]) {
  const acts: { action: string; details: object }[] = [];
  const metered: { kind: string; usage: object }[] = [];
  const settlements: object[] = [];
  let isConnectionOpen = true;
  const unused = new Proxy({}, { get: () => () => Promise.reject(new Error('unused')) });
  const now = () => new Date(0);
  const options = {
    gateway: { choose: () => choice, larger: () => null, defaultModel: () => 'm', models: () => [] },
    chatModel: {
      async *stream() {
        try {
          yield* events;
        } finally {
          isConnectionOpen = false;
        }
      },
    },
    knowledgeBases: { searchable: async () => [{ id: KB, name: 'Gate', content: { version: 1, grants: [] } }] },
    retrieval: {
      embed: async (_: unknown, text: string) => ({
        text,
        vectors: new Map(),
        taken: [{ model: 'e', usage: nothing }],
      }),
      search: async () => [],
    },
    semanticCache: new SemanticCache({
      ...{ store: unused, vectorStore: unused, space: { model: 'e', dimensions: 1 }, now, log: createLogger('silent') },
    } as never),
    checkSupport: async () => ({ support: { status: 'no-claims', sentences: [] }, embedding: null }),
    limiter: {
      reserve: async () => ({
        settle: async (spent: object) => void settlements.push(spent),
        release: async () => undefined,
      }),
    },
    meter: { record: async (calls: typeof metered) => void metered.push(...calls) },
    prices: { amountsOf: () => ({ tokens: 1, microUsd: 1 }) },
    audit: { record: async (act: (typeof acts)[number]) => void acts.push(act) },
    log: createLogger('silent'),
    loadTokenizer: () => Promise.reject(new Error('unused')),
    now,
  } as unknown as KnowledgeAnswerOptions;
  const conversation = { question: 'When does the gate open?', history: [] };
  const asked = { model: `kb/${KB}`, conversation, maxOutputTokens: 100, operation: 'chat' as const };
  const answer = await answerFromKnowledge(
    options,
    principal,
    { ...asked, stream: true, useCache: true, filters: undefined },
    'http://here',
  );
  return { answer, acts, metered, settled: () => settlements.length, isConnectionOpen: () => isConnectionOpen };
}

const saying: readonly ChatModelEvent[] = [
  { type: 'route', route },
  { type: 'text', text: 'The gate ' },
  { type: 'text', text: 'opens at seven.' },
  { type: 'finish', reason: 'stop', usage: { ...nothing, inputTokens: 90, outputTokens: 8 }, model: 'm' },
];
const called = { action: 'model.called', subject: KB };

it.each([
  ['the first word', 0],
  ['some words', 1],
])('closes the books when its reader goes away after %s', async (_, reads) => {
  const { answer, acts, metered, settled, isConnectionOpen } = await ask(saying);
  const reader = answer.events[Symbol.asyncIterator]();
  for (let read = 0; read <= reads; read += 1) await reader.next();
  expect(settled()).toBe(0);
  await reader.return?.();

  expect([settled(), isConnectionOpen()]).toEqual([1, false]);
  expect(metered.filter(({ kind }) => kind === 'chat')).toMatchObject([{ usage: { isEstimated: true } }]);
  expect(acts).toContainEqual(expect.objectContaining({ ...called, outcome: 'allowed' }));
});

it('closes them before it tells the end, as the service counted', async () => {
  const { answer, acts, metered, settled } = await ask(saying);
  for await (const { type } of answer.events) expect(settled()).toBe(type === 'finish' ? 1 : 0);

  expect(metered.filter(({ kind }) => kind === 'chat')).toMatchObject([{ usage: { outputTokens: 8 } }]);
  expect(acts).toContainEqual(
    expect.objectContaining({ ...called, details: expect.objectContaining({ finishReason: 'stop', outputTokens: 8 }) }),
  );
});
