import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { App } from '../../local/stack.ts';
import type { Policy } from '../../shared/contracts/policy.ts';
import { ask, askStreaming } from './support/conversations.ts';
import { openAiClient } from './support/openai-app.ts';
import {
  createKnowledgeBase,
  onboardTenant,
  stack,
  startAnotherApp,
  type TestPerson,
  uploadAndWait,
} from './support/platform.ts';
import { type ScriptedModel, startScriptedModel } from './support/scripted-model.ts';
import { longestChain, type ProxiedRequest, type SlowProxy, startSlowProxy } from './support/slow-proxy.ts';

const DELAY_MILLISECONDS = 300;

let model: ScriptedModel;
let app: App;
let stores: readonly SlowProxy[] = [];
let member: TestPerson;
let knowledgeBaseId: string;

beforeAll(async () => {
  model = await startScriptedModel(stack.urls.models);
  const pem = (name: string) => readFileSync(join(stack.directory, 'state', 'cosmos', name), 'utf8');
  const certificate = { cert: pem('server.pem'), key: pem('server-key.pem') };
  const [cosmosProxy, blobProxy, qdrantProxy] = await Promise.all([
    startSlowProxy(stack.env.COSMOS_ENDPOINT ?? '', certificate),
    startSlowProxy(new URL(stack.urls.blob).origin),
    startSlowProxy(stack.env.QDRANT_URL ?? ''),
  ]);
  stores = [cosmosProxy, blobProxy, qdrantProxy];
  app = await startAnotherApp({
    env: {
      // What it did in the background for other tests would count as well.
      AZURE_OPENAI_ENDPOINT: model.url,
      COSMOS_ENDPOINT: cosmosProxy.url,
      PlatformStorage: (stack.env.PlatformStorage ?? '').replace(new URL(stack.urls.blob).origin, blobProxy.url),
      QDRANT_URL: qdrantProxy.url,
    },
  });
  ({ member, knowledgeBaseId } = await gateUnder({}));
});
afterAll(async () => {
  await app?.stop();
  await Promise.all([...stores, ...(model ? [model] : [])].map((server) => server.stop()));
});

async function gateUnder(policy: Policy): Promise<{ member: TestPerson; knowledgeBaseId: string }> {
  const tenant = await onboardTenant('A tenant with a gate', policy);
  const keeper = await tenant.person(['KnowledgeManager']);
  const { id } = await createKnowledgeBase(keeper);
  await uploadAndWait(keeper, id, 'gate.md', '# Gate\n\nThe gate opens at seven.\n');
  return { member: await tenant.person(['Member'], { apiUrl: app.url }), knowledgeBaseId: id };
}

/** Runs something with slow stores, and returns what they were asked before the model was, by store. */
async function askedBeforeTheModel(run: () => Promise<unknown>): Promise<ProxiedRequest[][]> {
  for (const store of stores) Object.assign(store, { delay: DELAY_MILLISECONDS, requests: [] });
  await run();
  for (const store of stores) Object.assign(store, { delay: 0 });
  const modelAskedAt = model.requests.at(-1)?.receivedAt ?? 0;
  return stores.map(({ requests }) => requests.filter(({ endedAt }) => endedAt < modelAskedAt));
}

const namesOf = (asked: readonly unknown[][]) =>
  asked.flatMap((requests, index) => (requests.length > 0 ? [['cosmos', 'blob', 'qdrant'][index]] : []));

it.each([
  ['a new session', () => ({ knowledgeBaseIds: [] }), ['cosmos', 'blob'], 1],
  ['a new session with knowledge', () => ({ knowledgeBaseIds: [knowledgeBaseId] }), ['cosmos', 'blob', 'qdrant'], 2],
  ['a session that goes on', (sessionId: string) => ({ sessionId, knowledgeBaseIds: [] }), ['cosmos', 'blob'], 2],
  [
    'a session that goes on with knowledge',
    (sessionId: string) => ({ sessionId, knowledgeBaseIds: undefined }),
    ['cosmos', 'blob', 'qdrant'],
    2,
  ],
])('asks the model after at most two round trips to the stores: %s', async (_, bodyFor, asked, roundTrips) => {
  const knowledge = { knowledgeBaseIds: [knowledgeBaseId] };
  const { sessionId, until } = await askStreaming(member, 'When does the gate open?', knowledge);
  await until();
  const before = await askedBeforeTheModel(() => ask(member, 'And when does it open?', bodyFor(sessionId)));

  expect(namesOf(before)).toEqual(asked);
  expect(longestChain(before.flat()).map(({ name }) => name)).toHaveLength(roundTrips);
});

const limits = { tokensPerMinute: 1_000_000, requestsPerMinute: 1_000 };
const budget = { month: { tokens: 1_000_000_000, hard: true } };

it.each([
  ['with limits', { userLimits: limits, tenantLimits: limits, tenantBudgets: budget }, 2],
  ['with a budget of its own, which is asked once it is known which it is', { knowledgeBaseBudgets: budget }, 3],
])('asks the model of a knowledge base after few round trips to the stores: %s', async (_, policy, roundTrips) => {
  const gate = await gateUnder(policy);
  const client = openAiClient(app.url, gate.member);
  const body = { model: `kb/${gate.knowledgeBaseId}`, messages: [{ role: 'user' as const, content: 'When?' }] };
  await client.chat.completions.create(body);
  const before = await askedBeforeTheModel(() => client.chat.completions.create(body));

  expect(namesOf(before)).toEqual(['cosmos', 'qdrant']);
  expect(longestChain(before.flat()).map(({ name }) => name)).toHaveLength(roundTrips);
});
