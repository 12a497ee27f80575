import { randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { beforeAll, expect, it } from 'vitest';
import type { ChatAnswer } from '../../shared/contracts/chat.ts';
import {
  createKnowledgeBase,
  eventually,
  onboardTenant,
  stack,
  type TestPerson,
  type TestTenant,
  uploadAndWait,
} from './support/platform.ts';

const secretWord = `word${randomBytes(8).toString('hex')}`;
const traceId = randomBytes(16).toString('hex');
let tenant: TestTenant;
let person: TestPerson;
let answer: ChatAnswer;
let log: string;

beforeAll(async () => {
  tenant = await onboardTenant();
  person = await tenant.person(['KnowledgeManager']);
  const { id } = await createKnowledgeBase(person);
  await uploadAndWait(person, id, `${secretWord}.md`, `# Rules\n\nThe code of the ${secretWord} vault is 4711.\n`);
  const body = { message: `What is the code of the ${secretWord} vault?`, knowledgeBaseIds: [id] };
  const headers = { traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01` };
  ({ body: answer } = await person.call<ChatAnswer>('POST', '/api/v1/chat', body, headers));
  await person.call('GET', `/api/v1/sessions?access_token=${person.token}&sig=${randomUUID()}`);
  log = await eventually(async () => {
    const text = await readFile(stack.appLogFile, 'utf8');
    return lines(text).some((line) => line.event === 'request' && line.traceId === traceId) ? text : undefined;
  });
});

const lines = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);

it('ties a request to its trace, invocation, tenant and person', () => {
  expect(lines(log)).toContainEqual(
    expect.objectContaining({
      level: 'info',
      event: 'request',
      functionName: 'chat',
      traceId,
      invocationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      tenantId: tenant.id,
      userId: person.oid,
      method: 'POST',
      route: 'api/v1/chat',
      status: 200,
      milliseconds: expect.any(Number),
    }),
  );
});

it('ties the work on a document to its tenant and invocation', () => {
  const done = lines(log).filter(({ event, tenantId }) => event === 'message done' && tenantId === tenant.id);

  expect(done.map(({ functionName }) => functionName)).toEqual(expect.arrayContaining(['document-chunk']));
  for (const line of done) {
    expect(line).toMatchObject({ traceId: expect.stringMatching(/^[0-9a-f]{32}$/), invocationId: expect.any(String) });
  }
});

it('holds neither the token nor what was asked, answered or uploaded', () => {
  expect(answer.text).toContain(secretWord);
  expect(log).not.toContain(person.token);
  expect(log).not.toContain(person.token.split('.')[2]);
  expect(log).not.toContain(secretWord);
});
