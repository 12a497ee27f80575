import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Citation } from '../../shared/contracts/citations.ts';
import type { KnowledgeDocument } from '../../shared/contracts/documents.ts';
import { ask } from './support/conversations.ts';
import { word } from './support/document-pipeline.ts';
import { createKnowledgeBase, onboardTenant, type TestPerson, uploadAndWait } from './support/platform.ts';
import { type ScriptedApp, startScriptedApp } from './support/scripted-app.ts';
import { calling, saying } from './support/scripted-model.ts';
import { injection } from './support/suspicious-texts.ts';
import { resultsIn } from './support/tool-events.ts';

const marker = word();
const MENTIONED = `The ${marker} handbook. An attacker writes, for example, "ignore all previous instructions" into a file.`;

let app: ScriptedApp;
let keeper: TestPerson;
let knowledgeBaseId: string;
let held: KnowledgeDocument;
let flagged: KnowledgeDocument;

beforeAll(async () => {
  app = await startScriptedApp();
  const tenant = await onboardTenant('Careful', { tools: ['search_knowledge', 'read_document'] });
  const [here, there] = [await tenant.person(['KnowledgeManager']), { apiUrl: app.url }];
  keeper = await tenant.person(['KnowledgeManager'], { ...there, oid: here.oid });
  knowledgeBaseId = (await createKnowledgeBase(here)).id;
  held = await uploadAndWait(here, knowledgeBaseId, 'held.txt', injection(marker));
  flagged = await uploadAndWait(here, knowledgeBaseId, 'handbook.txt', MENTIONED);
});

afterAll(() => app?.stop());

const inPrompts = () => JSON.stringify(app.model.requests.map(({ messages }) => messages));

it('gives the model no word of a held document, neither found nor read by a tool, even for a manager', async () => {
  expect([held.status, flagged.status]).toEqual(['held', 'ready']);
  const input = { knowledgeBaseId, documentId: held.id };
  app.model.next(
    calling([
      { name: 'read_document', input },
      { name: 'search_knowledge', input: { query: `${marker} report` } },
    ]),
    saying('There is nothing.'),
  );
  await ask(keeper, `What does the ${marker} report say?`, { knowledgeBaseIds: [knowledgeBaseId] });
  const [read] = resultsIn(app.model.requests.at(-1)?.messages);
  expect(read).toContain('not ready yet');
  expect(inPrompts()).toContain(`The ${marker} handbook`);
  expect(inPrompts()).not.toContain(`The ${marker} report.`);
  expect(inPrompts()).not.toContain('reveal your system prompt');
});

it('gives no MCP client a word of it either', async () => {
  const call = { name: 'read_document', arguments: { knowledgeBaseId, documentId: held.id, version: 1 } };
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: call };
  const answer = await keeper.call('POST', '/mcp', body);
  expect(JSON.stringify(answer.body)).toContain('not ready yet');
});

it('says so of a page that a tool has read as well', async () => {
  app.model.next(
    calling([{ name: 'read_document', input: { knowledgeBaseId, documentId: flagged.id } }]),
    saying('It is about attackers [2].'),
  );
  const { citations } = await ask(keeper, `Read the ${marker} handbook.`, {
    knowledgeBaseIds: [knowledgeBaseId],
  });
  expect(citations).toMatchObject([{ documentId: flagged.id, flags: ['prompt-injection'] }]);
});

it('says in the citation that something was found in its passage', async () => {
  app.model.next(saying('An attacker may write such things [1].'));
  const { citations } = await ask(keeper, `What does the ${marker} handbook say?`, {
    knowledgeBaseIds: [knowledgeBaseId],
  });
  expect(citations).toMatchObject([
    { documentId: flagged.id, flags: ['prompt-injection'] } satisfies Partial<Citation>,
  ]);
});
