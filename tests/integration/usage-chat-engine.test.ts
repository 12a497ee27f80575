import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ChatAnswer } from '../../shared/contracts/chat.ts';
import type { Policy } from '../../shared/contracts/policy.ts';
import type { UsageReport } from '../../shared/contracts/usage.ts';
import { ask } from './support/conversations.ts';
import { CHAT_MODEL, EMBEDDING_MODEL, type OpenAiApp, startOpenAiApp } from './support/openai-app.ts';
import {
  createKnowledgeBase,
  eventually,
  onboardTenant,
  type TestPerson,
  type TestTenant,
  uploadAndWait,
} from './support/platform.ts';

const POLICY: Policy = {
  tools: ['calculator', 'search_knowledge'],
  semanticCache: { enabled: true },
  routing: { classify: true },
};
const GATE = '# Gate\n\nThe gate opens at seven in the morning. Visitors ring the bell at the gate.\n';
const messages = [{ role: 'user', content: 'When does the gate open?' }];

let app: OpenAiApp;
let tenant: TestTenant;
let member: TestPerson;
let finance: TestPerson;
let knowledgeBaseId: string;

beforeAll(async () => {
  // What other tests put into queues is not for these models.
  app = await startOpenAiApp();
  tenant = await onboardTenant('A tenant that uses everything', POLICY);
  const keeper = await tenant.person(['KnowledgeManager']);
  knowledgeBaseId = (await createKnowledgeBase(keeper)).id;
  await uploadAndWait(keeper, knowledgeBaseId, 'gate.md', GATE);
  member = await tenant.person(['Member'], { apiUrl: app.url });
  finance = await tenant.person(['FinanceViewer'], { apiUrl: app.url });
});
afterAll(() => app?.stop());

function range(): string {
  const [yesterday, today] = [Date.now() - 86_400_000, Date.now()].map((at) => new Date(at).toISOString().slice(0, 10));
  return `from=${yesterday}&to=${today}`;
}

/** What the member's calls are entered with. */
async function entered() {
  const { groups } = await finance.must<UsageReport>('GET', `/api/v1/admin/usage?${range()}&groupBy=user`);
  const mine = groups.find(({ group }) => group === member.oid);
  return { inputTokens: mine?.inputTokens ?? 0, outputTokens: mine?.outputTokens ?? 0 };
}

/** What the models have said that they took. */
async function reported() {
  const answered = await app.requests();
  const sum = (of: 'promptTokens' | 'completionTokens') => answered.reduce((total, one) => total + one[of], 0);
  return { inputTokens: sum('promptTokens'), outputTokens: sum('completionTokens') };
}

async function openAi(path: string, body: object): Promise<void> {
  const response = await member.fetch(`/openai/v1/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect([response.status, await response.text()]).toEqual([200, expect.not.stringContaining('"error":{')]);
}

const chat = (message: string, more: object = {}): Promise<ChatAnswer> =>
  ask(member, message, { knowledgeBaseIds: [knowledgeBaseId], ...more });

/** Does something and tells what the models took for it, once the ledger has entered the same. */
async function took(act: () => Promise<unknown>) {
  const before = await reported();
  await act();
  const now = await eventually(async () => {
    const [wanted, found] = [await reported(), await entered()];
    return JSON.stringify(wanted) === JSON.stringify(found) ? wanted : undefined;
  }).catch(async () => {
    expect(await entered()).toEqual(await reported());
    throw new Error('The ledger was late.');
  });
  return { input: now.inputTokens - before.inputTokens, output: now.outputTokens - before.outputTokens };
}

/** With how often a chat model and the embedding model are asked. */
it.each<[string, chats: number, embeddings: number, () => Promise<unknown>]>([
  ['tools that search', 3, 2, () => chat('Use the tool search_knowledge with {"query": "bell"} please')],
  ['a tool that asks no model', 3, 1, () => chat('Use the tool calculator with {"expression": "1 + 1"}')],
  ['a question that is judged first', 3, 1, () => chat('Compare the gate with the bell', { model: 'auto' })],
  ['a completion', 1, 0, () => openAi('chat/completions', { model: CHAT_MODEL, messages })],
  ['a completion that streams', 1, 0, () => openAi('chat/completions', { model: CHAT_MODEL, messages, stream: true })],
  ['several choices', 1, 0, () => openAi('chat/completions', { model: CHAT_MODEL, messages, n: 3 })],
  ['a response', 1, 0, () => openAi('responses', { model: CHAT_MODEL, input: 'Hello', stream: true })],
  ['embeddings', 0, 1, () => openAi('embeddings', { model: EMBEDDING_MODEL, input: ['one', 'two'] })],
  ['a knowledge base', 1, 1, () => openAi('chat/completions', { model: `kb/${knowledgeBaseId}`, messages })],
  [
    'one that streams',
    1,
    1,
    () => openAi('responses', { model: `kb/${knowledgeBaseId}`, input: 'Gate?', stream: true }),
  ],
])('the ledger adds up to what the models reported, after %s', async (_, chats, embeddings, act) => {
  const before = (await app.requests()).length;
  expect((await took(act)).input).toBeGreaterThan(0);
  const asked = (await app.requests()).slice(before).map(({ operation }) => operation);
  expect(asked.filter((operation) => operation.startsWith('chat'))).toHaveLength(chats);
  expect(asked.filter((operation) => operation.startsWith('embed'))).toHaveLength(embeddings);
});

it('the ledger adds up with an answer from the cache, which takes no more than its question', async () => {
  const question = 'When does the gate open in the morning?';
  let statuses: unknown[] = [];
  const first = await took(async () => {
    statuses = [(await chat(question)).cache];
  });
  const again = await took(async () => {
    statuses = [...statuses, (await chat(question)).cache];
  });
  expect(statuses).toEqual(['miss', 'hit']);
  expect(again.input).toBeLessThan(first.input);
  expect(again.output).toBe(0);
});
