import { afterAll, beforeAll, expect, it } from 'vitest';
import type { UsageReport } from '../../shared/contracts/usage.ts';
import { CHAT_MODEL, type OpenAiApp, startOpenAiApp } from './support/openai-app.ts';
import {
  createKnowledgeBase,
  eventually,
  onboardTenant,
  type TestPerson,
  type TestTenant,
  uploadAndWait,
} from './support/platform.ts';

let app: OpenAiApp;
let tenant: TestTenant;
let knowledgeModel: string;

beforeAll(async () => {
  app = await startOpenAiApp();
  tenant = await onboardTenant();
  const keeper = await tenant.person(['KnowledgeManager'], { apiUrl: app.url });
  const { id } = await createKnowledgeBase(keeper);
  await uploadAndWait(keeper, id, 'rules.md', '# Rules\n\nThere are 28 days of holiday a year.');
  knowledgeModel = `kb/${id}`;
});
afterAll(() => app?.stop());

const ASK = 'How many days of holiday are there?';
const messages = [{ role: 'user', content: ASK }];

/** Reads the beginning of a stream and hangs up. */
async function leave(person: TestPerson, path: string, body: object): Promise<void> {
  const abort = new AbortController();
  const response = await person.fetch(`/openai/v1/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...body, stream: true }),
    signal: abort.signal,
  });
  expect(response.status).toBe(200);
  await response.body?.getReader().read();
  abort.abort();
}

function range(): string {
  const [yesterday, today] = [Date.now() - 86_400_000, Date.now()].map((at) => new Date(at).toISOString().slice(0, 10));
  return `from=${yesterday}&to=${today}`;
}

it.each([
  ['a completion', 'chat/completions', () => ({ model: CHAT_MODEL, messages })],
  ['a response', 'responses', () => ({ model: CHAT_MODEL, input: ASK })],
  ['a knowledge base', 'chat/completions', () => ({ model: knowledgeModel, messages })],
  ['a knowledge base for a response', 'responses', () => ({ model: knowledgeModel, input: ASK })],
])('who leaves in the middle of %s pays for what the model did', async (_, path, body) => {
  const quitter = await tenant.person(['Member', 'FinanceViewer'], { apiUrl: app.url });
  const before = (await app.requests()).filter(({ operation }) => operation.startsWith('chat')).length;
  await app.pace({ tokensPerSecond: 20 });
  await leave(quitter, path, body());
  await app.pace({});
  const upstream = await eventually(async () => {
    const chats = (await app.requests()).filter(({ operation }) => operation.startsWith('chat'));
    return chats.length > before ? chats.at(-1) : undefined;
  });

  const mine = await eventually(async () => {
    const report = await quitter.must<UsageReport>('GET', `/api/v1/admin/usage?${range()}&groupBy=user`);
    return report.groups.find(({ group, outputTokens }) => group === quitter.oid && outputTokens > 0);
  });
  expect(mine).toMatchObject({ estimatedTokens: 0, outputTokens: upstream.completionTokens });
  expect(mine.inputTokens).toBeGreaterThanOrEqual(upstream.promptTokens);
});
