import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { App } from '../../local/stack.ts';
import { ask, askStreaming } from './support/conversations.ts';
import { httpOnly } from './support/http-only.ts';
import {
  createKnowledgeBase,
  onboardTenant,
  stack,
  startAnotherApp,
  type TestPerson,
  uploadAndWait,
} from './support/platform.ts';
import { type ScriptedModel, startScriptedModel } from './support/scripted-model.ts';
import { longestChain, type SlowProxy, startSlowProxy } from './support/slow-proxy.ts';

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
      ...httpOnly,
      AZURE_OPENAI_ENDPOINT: model.url,
      COSMOS_ENDPOINT: cosmosProxy.url,
      PlatformStorage: (stack.env.PlatformStorage ?? '').replace(new URL(stack.urls.blob).origin, blobProxy.url),
      QDRANT_URL: qdrantProxy.url,
    },
  });
  const tenant = await onboardTenant();
  const keeper = await tenant.person(['KnowledgeManager']);
  member = await tenant.person(['Member'], { apiUrl: app.url });
  knowledgeBaseId = (await createKnowledgeBase(keeper)).id;
  await uploadAndWait(keeper, knowledgeBaseId, 'gate.md', '# Gate\n\nThe gate opens at seven.\n');
});
afterAll(async () => {
  await app?.stop();
  await Promise.all([...stores, ...(model ? [model] : [])].map((server) => server.stop()));
});

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
  for (const store of stores) Object.assign(store, { delay: DELAY_MILLISECONDS, requests: [] });
  await ask(member, 'And when does it open?', bodyFor(sessionId));
  for (const store of stores) Object.assign(store, { delay: 0 });

  const modelAskedAt = model.requests.at(-1)?.receivedAt ?? 0;
  const before = stores.map(({ requests }) => requests.filter(({ endedAt }) => endedAt < modelAskedAt));
  const used = before.flatMap((requests, index) => (requests.length > 0 ? [['cosmos', 'blob', 'qdrant'][index]] : []));
  expect(used).toEqual(asked);
  expect(longestChain(before.flat()).map(({ name }) => name)).toHaveLength(roundTrips);
});
