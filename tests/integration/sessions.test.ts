import { beforeAll, describe, expect, it } from 'vitest';
import { createMessageRepository } from '../../shared/adapters/cosmos/message-repository.ts';
import type { Page } from '../../shared/contracts/paging.ts';
import type { Message, Session } from '../../shared/contracts/sessions.ts';
import { newId } from '../../shared/identifiers.ts';
import { ask, askStreaming, messagesOf, sessionOf, storedMessages } from './support/conversations.ts';
import { cosmos, onboardTenant, type TestPerson, type TestTenant } from './support/platform.ts';

const MANY_MESSAGES = 3_000;
const WRITTEN_AT_ONCE = 50;

let tenant: TestTenant;
let owner: TestPerson;

beforeAll(async () => {
  tenant = await onboardTenant();
  owner = await tenant.person(['Member']);
});

async function pages<T>(person: TestPerson, path: string, limit: number): Promise<T[][]> {
  const found: T[][] = [];
  let continuation: string | null = null;
  do {
    const query = new URLSearchParams({ limit: String(limit), ...(continuation && { continuation }) });
    const page: Page<T> = await person.must('GET', `${path}?${query}`);
    found.push(page.items);
    continuation = page.continuation;
  } while (continuation);
  return found;
}

describe('the sessions of a person', () => {
  it('are listed page by page, the latest change first', async () => {
    const person = await tenant.person(['Member']);
    const ids: string[] = [];
    for (let index = 0; index < 5; index += 1) ids.push((await ask(person, `Question ${index}`)).sessionId);
    await ask(person, 'Again', { sessionId: ids[1] });

    const listed = await pages<Session>(person, '/api/v1/sessions', 2);
    expect(listed.map((page) => page.length)).toEqual([2, 2, 1]);
    expect(listed.flat().map(({ id }) => id)).toEqual([1, 4, 3, 2, 0].map((index) => ids[index]));
  });

  it('can be renamed, and keep their name', async () => {
    const { sessionId } = await ask(owner, 'A name?');
    const path = `/api/v1/sessions/${sessionId}`;
    const renamed = await owner.must<Session>('PATCH', path, { title: '  My own name ' });
    await ask(owner, 'Still?', { sessionId });

    expect(renamed.title).toBe('My own name');
    expect(await sessionOf(owner, sessionId)).toMatchObject({ title: 'My own name', messageCount: 4 });
    for (const body of [{ title: ' ' }, { title: 'x'.repeat(121) }, { title: 'x', userId: 'me' }, {}]) {
      expect((await owner.call('PATCH', path, body)).status).toBe(400);
    }
  });

  it('are deleted with all their messages, however many', async () => {
    const { sessionId } = await ask(owner, 'The first of many');
    await writeMessages(sessionId, 120);
    expect((await owner.call('DELETE', `/api/v1/sessions/${sessionId}`)).status).toBe(204);

    expect(await storedMessages(tenant.id, sessionId)).toBe(0);
    expect((await owner.call('DELETE', `/api/v1/sessions/${sessionId}`)).status).toBe(404);
  });

  it('stay deleted when they are deleted at the moment their answer is saved', async () => {
    const rounds = Array.from({ length: 8 }, async (_, index) => {
      const stream = await askStreaming(owner, `Round ${index}`);
      const ended = stream.until();
      await owner.must('DELETE', `/api/v1/sessions/${stream.sessionId}`);
      await ended;
      return storedMessages(tenant.id, stream.sessionId);
    });
    expect(await Promise.all(rounds)).toEqual(rounds.map(() => 0));
  });
});

describe('the messages of a session', () => {
  it('are paged through whole and in order, and the conversation goes on, however long it is', async () => {
    const { sessionId } = await ask(owner, 'The first');
    const written = await writeMessages(sessionId, MANY_MESSAGES);
    const listed = await pages<Message>(owner, `/api/v1/sessions/${sessionId}/messages`, 100);

    expect(listed.every((page) => page.length <= 100)).toBe(true);
    const texts = listed.flat().map(({ text }) => text);
    expect(texts).toHaveLength(MANY_MESSAGES + 2);
    expect(texts.slice(0, MANY_MESSAGES)).toEqual(written);
    expect((await ask(owner, 'And the last', { sessionId })).finishReason).toBe('stop');
  });

  it('are not paged by a continuation that was changed or is from elsewhere', async () => {
    const [one, other] = [await ask(owner, 'One'), await ask(owner, 'Other')];
    const path = `/api/v1/sessions/${one.sessionId}/messages`;
    const { continuation } = await owner.must<Page<Message>>('GET', `${path}?limit=1`);
    const tampered = `${continuation?.slice(0, -2)}${continuation?.endsWith('A') ? 'BB' : 'AA'}`;

    for (const query of [`continuation=${tampered}`, 'continuation=AAAA', 'continuation=%00', 'limit=0', 'limit=101']) {
      const { status, body } = await owner.call(`GET`, `${path}?${query}`);
      expect([query, status, body.status]).toEqual([query, 400, 400]);
    }
    const foreign = `/api/v1/sessions/${other.sessionId}/messages?continuation=${continuation}`;
    expect((await owner.call('GET', foreign)).status).toBe(400);
    expect((await owner.call('GET', `${path}?continuation=${continuation}`)).status).toBe(200);
  });

  it('take feedback on answers, the last one counts', async () => {
    const { sessionId, messageId } = await ask(owner, 'Was it good?');
    const path = `/api/v1/sessions/${sessionId}/messages/${messageId}/feedback`;
    await owner.must('PUT', path, { rating: 'up' });
    const changed = await owner.must<Message>('PUT', path, { rating: 'down', comment: 'Not quite.' });

    expect(changed.feedback).toEqual({ rating: 'down', comment: 'Not quite.' });
    expect((await messagesOf(owner, sessionId))[1]).toEqual(changed);
    expect((await owner.call('PUT', path, { rating: 'sideways' })).status).toBe(400);
  });

  it('take no feedback on questions or on what is not there', async () => {
    const { sessionId } = await ask(owner, 'Rate me');
    const [question] = await messagesOf(owner, sessionId);
    for (const id of [question?.id, newId('msg')]) {
      const path = `/api/v1/sessions/${sessionId}/messages/${id}/feedback`;
      expect((await owner.call('PUT', path, { rating: 'up' })).status).toBe(404);
    }
    expect((await messagesOf(owner, sessionId))[0]?.feedback).toBeNull();
  });
});

describe('a question that cannot be asked', () => {
  it.each([
    ['that is empty', { message: '  ' }, 400, 'message'],
    ['over the limit', { message: 'x'.repeat(32_001) }, 400, 'message'],
    ['with unknown fields', { message: 'Hi', systemPrompt: 'Obey' }, 400, 'systemPrompt'],
    ['with an id of the wrong kind', { message: 'Hi', sessionId: 'run_01JD3Q5V4M8K2N6P9R1S7T0W3X' }, 400, 'sessionId'],
    ['without a user message', { id: 'chat', messages: [{ role: 'assistant', parts: [] }] }, 400, 'messages'],
  ])('is refused with what is wrong: %s', async (_, body, status, path) => {
    for (const route of ['/api/v1/chat', '/api/v1/chat/stream']) {
      const answer = await owner.call<{ code: string; errors: { path: string }[] }>('POST', route, body);
      expect([answer.status, answer.body.code]).toEqual([status, 'validation_failed']);
      expect(answer.body.errors.map((error) => error.path)).toEqual([path]);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
    }
  });

  it('is too large beyond a megabyte', async () => {
    const { status, body } = await owner.call('POST', '/api/v1/chat', { message: 'x'.repeat(2 * 1024 * 1024) });
    expect([status, body.code]).toEqual([413, 'payload_too_large']);
  });
});

it('keeps a session from everybody but its owner', async () => {
  const { sessionId, messageId } = await ask(owner, 'A secret');
  const before = [await sessionOf(owner, sessionId), await messagesOf(owner, sessionId)];
  const foreignTenant = await onboardTenant();
  const strangers = [
    await tenant.person(['TenantAdmin', 'Member']),
    await foreignTenant.person(['TenantAdmin', 'Member']),
    await foreignTenant.person(['Member'], { oid: owner.oid }),
  ];
  const path = `/api/v1/sessions/${sessionId}`;
  const attempts: [string, string, unknown?][] = [
    ['GET', path],
    ['PATCH', path, { title: 'Mine now' }],
    ['GET', `${path}/messages`],
    ['PUT', `${path}/messages/${messageId}/feedback`, { rating: 'down' }],
    ['POST', '/api/v1/chat', { message: 'Tell me', sessionId, knowledgeBaseIds: [] }],
    ['POST', '/api/v1/chat/stream', { message: 'Tell me', sessionId, knowledgeBaseIds: [] }],
    ['DELETE', path],
  ];
  for (const stranger of strangers) {
    for (const [method, url, body] of attempts) {
      const { status } = await stranger.call(method, url, body);
      expect([method, url, status]).toEqual([method, url, 404]);
    }
    expect((await stranger.must<Page<Session>>('GET', '/api/v1/sessions')).items).toEqual([]);
  }
  expect([await sessionOf(owner, sessionId), await messagesOf(owner, sessionId)]).toEqual(before);
});

/** Writes old messages straight into the store; returns their texts, oldest first. */
async function writeMessages(sessionId: string, count: number): Promise<string[]> {
  const repository = createMessageRepository(cosmos);
  const none = { citations: [], model: null, finishReason: null, usage: null, feedback: null };
  const messages = Array.from({ length: count }, (_, index): Message => {
    const createdAt = new Date(Date.UTC(2024, 0, 1) + index).toISOString();
    const role = index % 2 === 0 ? 'user' : 'assistant';
    return { id: newId('msg'), sessionId, runId: newId('run'), role, text: `Message ${index}`, createdAt, ...none };
  });
  for (let start = 0; start < count; start += WRITTEN_AT_ONCE) {
    const batch = messages.slice(start, start + WRITTEN_AT_ONCE);
    await Promise.all(batch.map((message) => repository.save(tenant.id, message)));
  }
  return messages.map(({ text }) => text);
}
