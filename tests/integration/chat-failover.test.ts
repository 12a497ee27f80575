import { afterAll, beforeAll, expect, it } from 'vitest';
import type { App } from '../../local/stack.ts';
import { ask, messagesOf } from './support/conversations.ts';
import { chatModel, hashingModel, modelsFile } from './support/models-file.ts';
import { onboardTenant, stack, startAnotherApp, type TestPerson } from './support/platform.ts';
import { calling, refusing, type ScriptedModel, saying, startScriptedModel } from './support/scripted-model.ts';

const sum = { name: 'calculator', input: { expression: '20 + 22' } };
/** Cools for so long that no later call of a test comes back to it. */
const THROTTLED = refusing(429, 'rate_limit_exceeded', { 'retry-after': '30' });

let regions: readonly [ScriptedModel, ScriptedModel];
let app: App;
let member: TestPerson;

beforeAll(async () => {
  regions = await Promise.all([startScriptedModel(stack.urls.models), startScriptedModel(stack.urls.models)]);
  const endpoint = ({ url }: ScriptedModel, region: string) => ({
    ...{ kind: 'azure' as const, url, region, zone: 'home', apiKeySetting: 'TEST_MODEL_KEY' },
  });
  const [first, second] = regions;
  const models = ['turns', 'approvals'].map((name) => ({
    ...chatModel(name, [], { abilities: ['tools'] }),
    deployments: ['first', 'second'].map((place, index) => ({
      endpoint: place,
      deployment: name,
      priority: index + 1,
    })),
  }));
  const endpoints = { first: endpoint(first, 'one'), second: endpoint(second, 'two') };
  const env = modelsFile({ endpoints, models: [...models, hashingModel('first')] });
  app = await startAnotherApp({ env: { ...env } });
  const tenant = await onboardTenant('Two regions', { tools: ['calculator'], toolPermissions: { calculator: 'ask' } });
  member = await tenant.person(['Member'], { apiUrl: app.url });
});
afterAll(async () => {
  await app?.stop();
  await Promise.all((regions ?? []).map((region) => region.stop()));
});

it('a conversation goes on in another region with all that was said before', async () => {
  const [first, second] = regions;
  first.next(saying('Seven.'), THROTTLED);
  second.next(saying('Eight.'));
  const opening = await ask(member, 'When does it open?', { model: 'turns' });
  const after = await ask(member, 'And the other?', { model: 'turns', sessionId: opening.sessionId });

  expect([opening.route?.region, after.route?.region, after.route?.attempts]).toEqual(['one', 'two', 2]);
  expect(
    second.requests
      .at(-1)
      ?.messages.slice(1)
      .map(({ content }) => content),
  ).toEqual(['When does it open?', 'Seven.', 'And the other?']);
  const { length } = await messagesOf(member, opening.sessionId);
  expect([after.text, length]).toEqual(['Eight.', 4]);
});

it('an approved run goes on in another region than it began in, once', async () => {
  const [first, second] = regions;
  first.next(calling(sum), THROTTLED);
  second.next(saying('It is 42.'));
  const paused = await ask(member, 'What is 20 + 22?', { model: 'approvals' });
  const decisions = [{ approvalId: `${paused.runId}:1`, approved: true }];
  const path = `/api/v1/runs/${paused.runId}/approvals`;
  const { body } = await member.call<typeof paused>('POST', path, { decisions }, { accept: 'application/json' });

  expect([paused.route?.region, body.route?.region, body.text]).toEqual(['one', 'two', 'It is 42.']);
  const asked = second.requests.filter(({ deployment }) => deployment === 'approvals');
  expect(asked.map(({ messages }) => messages.at(-1))).toMatchObject([
    { role: 'tool', content: expect.stringContaining('42') },
  ]);
});
