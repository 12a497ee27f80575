import { beforeAll, expect, it } from 'vitest';
import type { ChatAnswer } from '../../shared/contracts/chat.ts';
import { createKnowledgeBase, onboardTenant, type TestPerson, uploadAndWait } from './support/platform.ts';

let member: TestPerson;
let knowledgeBaseId: string;

beforeAll(async () => {
  const tenant = await onboardTenant();
  const keeper = await tenant.person(['KnowledgeManager']);
  member = await tenant.person(['Member']);
  knowledgeBaseId = (await createKnowledgeBase(keeper)).id;
  await uploadAndWait(
    keeper,
    knowledgeBaseId,
    'handbook.md',
    '# Handbook\n\n## Holidays\n\nEvery employee receives 28 days of paid holiday per year.\n',
  );
});

it('answers from an uploaded document and cites the characters that it quotes', async () => {
  const answer = await member.must<ChatAnswer>('POST', '/api/v1/chat', {
    message: 'How many days of paid holiday does an employee receive?',
    knowledgeBaseIds: [knowledgeBaseId],
  });

  expect(answer.text).toContain('28 days');
  const citation = answer.citations[0];
  expect(citation).toMatchObject({
    number: 1,
    documentName: 'handbook.md',
    version: 1,
    headingPath: ['Handbook'],
  });
  const { documentId, start, end } = citation ?? { documentId: '', start: 0, end: 0 };
  const path = `/api/v1/knowledge-bases/${knowledgeBaseId}/documents/${documentId}/text?start=${start}&end=${end}`;
  const { body } = await member.call<string>('GET', path);
  expect(body).toContain('28 days of paid holiday');
});

it('says so when the documents do not answer', async () => {
  const answer = await member.must<ChatAnswer>('POST', '/api/v1/chat', {
    message: 'What is the boiling point of mercury?',
    knowledgeBaseIds: [knowledgeBaseId],
  });

  expect(answer.text).toContain('do not say');
  expect(answer.citations).toEqual([]);
});
