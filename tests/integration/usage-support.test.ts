import { afterAll, beforeAll, expect, it } from 'vitest';
import type { UsageReport } from '../../shared/contracts/usage.ts';
import { ask } from './support/conversations.ts';
import { createKnowledgeBase, eventually, onboardTenant, type TestPerson, uploadAndWait } from './support/platform.ts';
import { type ScriptedApp, startScriptedApp } from './support/scripted-app.ts';
import { type ScriptedModel, saying } from './support/scripted-model.ts';

let model: ScriptedModel;
let app: ScriptedApp;
let member: TestPerson;
let knowledgeBaseId: string;

beforeAll(async () => {
  app = await startScriptedApp();
  ({ model } = app);
  const tenant = await onboardTenant();
  const keeper = await tenant.person(['KnowledgeManager']);
  knowledgeBaseId = (await createKnowledgeBase(keeper)).id;
  await uploadAndWait(keeper, knowledgeBaseId, 'gate.md', '# Gate\n\nVisitors ring the bell at the gate.\n');
  member = await tenant.person(['Member', 'FinanceViewer'], { apiUrl: app.url });
});
afterAll(() => app?.stop());

it('the ledger has what it took to check by meaning whether an answer is supported', async () => {
  model.next(saying('Guests announce their arrival by sounding a chime [1].'));
  const { support } = await ask(member, 'How do guests come in?', { knowledgeBaseIds: [knowledgeBaseId] });
  expect(support?.sentences).toHaveLength(1);

  const days = [Date.now() - 86_400_000, Date.now()].map((at) => new Date(at).toISOString().slice(0, 10));
  const path = `/api/v1/admin/usage?from=${days[0]}&to=${days[1]}&groupBy=kind`;
  const embedding = await eventually(async () => {
    const { groups } = await member.must<UsageReport>('GET', path);
    return groups.find(({ group, calls }) => group === 'embedding' && calls >= 2);
  });
  // Its question, and the claim beside what it cites.
  expect(embedding.calls).toBe(2);
});
