import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Policy } from '../../shared/contracts/policy.ts';
import type { UsageReport } from '../../shared/contracts/usage.ts';
import { chatModel } from './support/models-file.ts';
import { errorOf, openAiClient } from './support/openai-app.ts';
import { eventually, onboardTenant } from './support/platform.ts';
import { type ScriptedApp, startCatalogApp } from './support/scripted-app.ts';
import { type ScriptedModel, saying } from './support/scripted-model.ts';

let model: ScriptedModel;
let app: ScriptedApp;

beforeAll(async () => {
  app = await startCatalogApp([chatModel('small', ['here']), chatModel('large', ['here'], { size: 'large' })]);
  ({ model } = app);
});
afterAll(() => app?.stop());

async function memberWith(policy: Policy) {
  const tenant = await onboardTenant('A tenant with models', policy);
  const member = await tenant.person(['Member'], { apiUrl: app.url });
  return { tenant, member, client: openAiClient(app.url, member) };
}

/** Which model a greeting got, and why. */
async function routeOf(client: Awaited<ReturnType<typeof memberWith>>['client'], name: string): Promise<string> {
  const body = { model: name, messages: [{ role: 'user' as const, content: 'Hello' }], stream: true as const };
  const { data, response } = await client.chat.completions.create(body).withResponse();
  for await (const _ of data);
  return response.headers.get('x-model-route') ?? '';
}

it('a request to `auto` is judged by the small model where the policy says so, and only there', async () => {
  const { client } = await memberWith({ routing: { classify: true } });
  const before = model.requests.length;
  model.next(saying('hard'), saying('Answered.'));

  expect(await routeOf(client, 'auto')).toMatch(/^large; .*reason=auto:hard/);
  expect(model.requests.slice(before).map(({ deployment }) => deployment)).toEqual(['small', 'large']);
  expect(await routeOf(client, 'small')).toMatch(/^small; .*reason=asked/);
  expect(await routeOf((await memberWith({})).client, 'auto')).toMatch(/^small; .*reason=auto:short/);
  expect(model.requests).toHaveLength(before + 4);
});

it('is not judged when the limits refuse it', async () => {
  const { client } = await memberWith({ routing: { classify: true }, userLimits: { tokensPerMinute: 1 } });
  const before = model.requests.length;

  expect(await errorOf(routeOf(client, 'auto'))).toMatchObject({ status: 429 });
  expect(model.requests).toHaveLength(before);
});

it('that was judged is metered with what the judging took', async () => {
  const { client, tenant } = await memberWith({ routing: { classify: true } });
  const day = new Date().toISOString().slice(0, 10);
  model.next(saying('simple'), saying('Answered.'));
  await routeOf(client, 'auto');
  const finance = await tenant.person(['FinanceViewer']);
  const calls = await eventually(async () => {
    const query = `from=${day}&to=${new Date().toISOString().slice(0, 10)}&groupBy=kind`;
    const { groups } = await finance.must<UsageReport>('GET', `/api/v1/admin/usage?${query}`);
    return groups.find(({ group }) => group === 'chat')?.calls;
  });

  expect(calls).toBe(2);
});
