import { beforeAll, describe, expect, it } from 'vitest';
import type { ChatAnswer } from '../../shared/contracts/chat.ts';
import type { KnowledgeDocument } from '../../shared/contracts/documents.ts';
import { askStreaming } from './support/conversations.ts';
import { erase } from './support/personal-data.ts';
import {
  createKnowledgeBase,
  onboardTenant,
  type TestPerson,
  type TestTenant,
  uploadAndWait,
} from './support/platform.ts';
import { chunksOf } from './support/tool-events.ts';

const QUESTION = 'When does the gate open?';
let tenant: TestTenant;
let keeper: TestPerson;
let one: TestPerson;
let other: TestPerson;

beforeAll(async () => {
  tenant = await onboardTenant('Test tenant', { semanticCache: { enabled: true } });
  [keeper, one, other] = await Promise.all([
    tenant.person(['KnowledgeManager', 'TenantAdmin']),
    tenant.person(['Member']),
    tenant.person(['Member']),
  ]);
});

async function gateIn(knowledgeBaseId: string): Promise<KnowledgeDocument> {
  const text = '# Gate\n\nThe gate opens at seven in the morning. Visitors ring the bell at the gate.\n';
  return uploadAndWait(keeper, knowledgeBaseId, 'gate.md', text);
}

function ask(person: TestPerson, knowledgeBaseId: string, more: object = {}): Promise<ChatAnswer> {
  return person.must('POST', '/api/v1/chat', { message: QUESTION, knowledgeBaseIds: [knowledgeBaseId], ...more });
}

describe('an answer', () => {
  it('is given again to somebody else, as it was, for no tokens, unless they refuse it', async () => {
    const { id } = await createKnowledgeBase(keeper);
    await gateIn(id);
    const first = await ask(one, id);
    expect(first).toMatchObject({ cache: 'miss', support: { status: 'supported' } });
    const again = await ask(other, id);
    expect(again).toMatchObject({ cache: 'hit', text: first.text, citations: first.citations, support: first.support });
    expect(again.usage).toMatchObject({ inputTokens: 0, outputTokens: 0 });
    expect((await ask(other, id, { useCache: false })).cache).toBe('bypass');
    expect((await ask(other, id, { sessionId: again.sessionId })).cache).toBe('bypass');
  });

  it('saves the same each time it is given again', async () => {
    const { id } = await createKnowledgeBase(keeper);
    await gateIn(id);
    await ask(one, id);
    const saved: unknown[] = [];
    for (const _ of ['again', 'and again']) {
      const events = await (await askStreaming(other, QUESTION, { knowledgeBaseIds: [id] })).until();
      saved.push(...chunksOf(events).flatMap((chunk) => (chunk.type === 'data-cache' ? [chunk.data] : [])));
    }
    expect(saved).toEqual([
      { status: 'hit', savedMicroUsd: expect.any(Number) },
      { status: 'hit', savedMicroUsd: expect.any(Number) },
    ]);
    const [first, second] = saved as { savedMicroUsd: number }[];
    expect(first?.savedMicroUsd).toBeGreaterThan(0);
    expect(second).toEqual(first);
  });

  it('is made anew after a document was changed, and is gone with it', async () => {
    const { id } = await createKnowledgeBase(keeper);
    const document = await gateIn(id);
    const path = `/api/v1/knowledge-bases/${id}/documents/${document.id}`;
    await ask(one, id);
    expect((await ask(other, id)).cache).toBe('hit');
    await keeper.must('PATCH', path, { name: 'door.md' });
    expect((await ask(other, id)).cache).toBe('miss');
    expect((await ask(one, id)).cache).toBe('hit');
    await keeper.must('PATCH', path, { access: { visibility: 'restricted', users: [one.oid], groups: [], roles: [] } });
    expect(await ask(one, id)).toMatchObject({ cache: 'miss', support: { status: 'supported' } });
    expect(await ask(other, id)).toMatchObject({ cache: 'miss', text: 'The documents do not say.', citations: [] });
    expect((await ask(one, id)).cache).toBe('hit');
    await keeper.must('DELETE', path);
    expect(await ask(one, id)).toMatchObject({ cache: 'miss', text: 'The documents do not say.' });
  });

  it('is made anew after who asked first was erased', async () => {
    const { id } = await createKnowledgeBase(keeper);
    await gateIn(id);
    const asker = await tenant.person(['Member']);
    await ask(asker, id);
    expect((await ask(other, id)).cache).toBe('hit');
    await erase(keeper, asker.oid);
    expect((await ask(other, id)).cache).toBe('miss');
  });
});
