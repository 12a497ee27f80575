import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ChatAnswer } from '../../shared/contracts/chat.ts';
import { ask, askStreaming, isType } from './support/conversations.ts';
import { openAiClient } from './support/openai-app.ts';
import {
  createKnowledgeBase,
  onboardTenant,
  type TestPerson,
  type TestTenant,
  uploadAndWait,
} from './support/platform.ts';
import { type ScriptedApp, startScriptedApp } from './support/scripted-app.ts';
import { refusing, type ScriptedModel, saying } from './support/scripted-model.ts';

const FIRST = 'How many days of holiday does an employee have?';
const FOLLOW_UP = 'And for contractors?';
const WHOLE = 'How many days of holiday do contractors have?';

let model: ScriptedModel;
let app: ScriptedApp;
let tenant: TestTenant;
let member: TestPerson;
let knowledgeBaseId: string;
let first: ChatAnswer;

beforeAll(async () => {
  app = await startScriptedApp();
  ({ model } = app);
  tenant = await onboardTenant();
  const keeper = await tenant.person(['KnowledgeManager']);
  member = await tenant.person(['Member'], { apiUrl: app.url });
  knowledgeBaseId = (await createKnowledgeBase(keeper)).id;
  await uploadAndWait(keeper, knowledgeBaseId, 'leave.md', '# Leave\n\nContractors have 20 days of holiday.\n');
  first = await ask(member, FIRST, { knowledgeBaseIds: [knowledgeBaseId] });
});
beforeEach(() => {
  model.rewriting = saying(`"${WHOLE}"\n`);
});
afterAll(() => app?.stop());

const inSession = () => ({ knowledgeBaseIds: [knowledgeBaseId], sessionId: first.sessionId });

describe('a follow-up question', () => {
  it('is searched for as a whole question, which the reader is told, and answered as it was asked', async () => {
    const answer = await ask(member, FOLLOW_UP, inSession());
    expect(answer.searchedFor).toBe(WHOLE);
    expect(model.rewritten.at(-1)?.split('\n')).toEqual([
      `user: ${FIRST}`,
      `assistant: ${first.text}`,
      `user: ${FOLLOW_UP}`,
    ]);
    expect(model.requests.at(-1)?.messages.at(-1)).toMatchObject({ role: 'user', content: FOLLOW_UP });
    const stream = await askStreaming(member, FOLLOW_UP, inSession());
    const search = (await stream.until()).find(isType('data-search'));
    expect(search?.chunk).toMatchObject({ data: { searchedFor: WHOLE } });
  });

  it.each([
    ['fails', refusing(400, 'invalid')],
    ['says nothing', saying('  ')],
    ['says far too much', saying('word '.repeat(200))],
    ['repeats it', saying(FOLLOW_UP)],
  ])('is searched for as it is when the model %s', async (_, reply) => {
    model.rewriting = reply;
    const answer = await ask(member, FOLLOW_UP, inSession());
    expect(answer).toMatchObject({ text: 'Fine.', finishReason: 'stop' });
    expect(answer.searchedFor).toBeUndefined();
  });

  it('costs nothing where it can be understood alone, begins a conversation, or nothing is searched', async () => {
    const before = model.rewritten.length;
    await ask(member, 'When does the north gate at the parking lot open?', inSession());
    await ask(member, FOLLOW_UP, { knowledgeBaseIds: [knowledgeBaseId] });
    await ask(member, FOLLOW_UP, { sessionId: first.sessionId });
    expect(model.rewritten).toHaveLength(before);
  });

  it('tells no model what somebody else has said', async () => {
    const before = model.rewritten.length;
    const other = await tenant.person(['Member'], { apiUrl: app.url });
    const { status } = await other.call('POST', '/api/v1/chat', { message: FOLLOW_UP, ...inSession() });
    expect(status).toBe(404);
    expect(model.rewritten).toHaveLength(before);
  });

  it('is made whole for clients of OpenAI too, by the history that they send', async () => {
    const client = openAiClient(app.url, member);
    const messages = [
      { role: 'user' as const, content: FIRST },
      { role: 'assistant' as const, content: 'Thirty.' },
      { role: 'user' as const, content: FOLLOW_UP },
    ];
    await client.chat.completions.create({ model: `kb/${knowledgeBaseId}`, messages });
    expect(model.rewritten.at(-1)).toBe(`user: ${FIRST}\nassistant: Thirty.\nuser: ${FOLLOW_UP}`);
  });
});
