import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Policy } from '../../shared/contracts/policy.ts';
import { askStreaming } from './support/conversations.ts';
import { createKnowledgeBase, onboardTenant, type TestPerson, uploadAndWait } from './support/platform.ts';
import { type ScriptedApp, startScriptedApp } from './support/scripted-app.ts';
import { calling, type ScriptedModel } from './support/scripted-model.ts';

const ASKING: Policy = { tools: ['calculator', 'read_document'], toolPermissions: { calculator: 'ask' } };
const NOBODY = { visibility: 'restricted', users: [], groups: [], roles: [] };
const sum = { name: 'calculator', input: { expression: '20 + 22' } };

let model: ScriptedModel;
let app: ScriptedApp;
let keeper: TestPerson;
let member: TestPerson;

beforeAll(async () => {
  app = await startScriptedApp();
  ({ model } = app);
  const tenant = await onboardTenant('A tenant that withdraws', ASKING);
  keeper = await tenant.person(['KnowledgeManager']);
  member = await tenant.person(['Member'], { apiUrl: app.url });
});
afterAll(() => app?.stop());

/** A run that has read a document, by its own search or by a tool alone, and waits for approval. */
async function pausedReader(by: 'search' | 'tool') {
  const { id: knowledgeBaseId } = await createKnowledgeBase(keeper);
  const upload = () => uploadAndWait(keeper, knowledgeBaseId, 'gate.md', '# Gate\n\nThe gate opens at seven.\n');
  let document = by === 'search' ? await upload() : undefined;
  if (by === 'tool') {
    model.next(async (writer) => {
      // Only now, so that the search of the turn cannot have found it.
      document = await upload();
      await calling({ name: 'read_document', input: { knowledgeBaseId, documentId: document.id } })(writer);
    });
  }
  model.next(calling(sum));
  const knowledgeBaseIds = by === 'search' ? [knowledgeBaseId] : undefined;
  const stream = await askStreaming(member, 'When does the gate open?', { knowledgeBaseIds });
  await stream.until();
  const decide = () =>
    member.call(
      'POST',
      `/api/v1/runs/${stream.runId}/approvals`,
      { decisions: [{ approvalId: `${stream.runId}:${by === 'search' ? 1 : 2}`, approved: true }] },
      { accept: 'application/json' },
    );
  return { path: `/api/v1/knowledge-bases/${knowledgeBaseId}/documents/${document?.id}`, decide };
}

it.each<['search' | 'tool', string, (path: string) => Promise<unknown>]>([
  ['search', 'withdrawn', (path) => keeper.must('PATCH', path, { access: NOBODY })],
  ['search', 'deleted', (path) => keeper.must('DELETE', path)],
  ['tool', 'withdrawn', (path) => keeper.must('PATCH', path, { access: NOBODY })],
])('a run that waits goes on with nothing (read by %s) that was %s meanwhile', async (by, _, change) => {
  const { path, decide } = await pausedReader(by);
  const asked = model.requests.length;
  await change(path);

  const { status, body } = await decide();

  expect([status, body.detail]).toEqual([409, expect.stringContaining('withdrawn')]);
  expect(model.requests.length).toBe(asked);
});

it.each(['search', 'tool'] as const)('a run that waits goes on with what may still be read, by %s', async (by) => {
  const { decide } = await pausedReader(by);
  expect((await decide()).status).toBe(200);
});
