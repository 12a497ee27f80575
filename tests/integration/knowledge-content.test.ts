import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { createKnowledgeBaseRepository } from '../../shared/adapters/cosmos/knowledge-base-repository.ts';
import type { KnowledgeDocument } from '../../shared/contracts/documents.ts';
import type { KnowledgeBase } from '../../shared/contracts/knowledge-bases.ts';
import {
  cosmos,
  createKnowledgeBase,
  eventually,
  onboardTenant,
  settled,
  type TestPerson,
  type TestTenant,
  uploadAndWait,
} from './support/platform.ts';

const GROUP = randomUUID();
const repository = createKnowledgeBaseRepository(cosmos);
let tenant: TestTenant;
let keeper: TestPerson;
let knowledgeBase: KnowledgeBase;

beforeAll(async () => {
  tenant = await onboardTenant();
  keeper = await tenant.person(['KnowledgeManager']);
  knowledgeBase = await createKnowledgeBase(keeper);
});

const path = () => `/api/v1/knowledge-bases/${knowledgeBase.id}`;
const pathOf = ({ id }: KnowledgeDocument) => `${path()}/documents/${id}`;
const upload = (access?: KnowledgeBase['access']) =>
  uploadAndWait(keeper, knowledgeBase.id, 'note.txt', `Note ${randomUUID()}`, access);

async function content() {
  const found = (await repository.list(tenant.id)).find(({ id }) => id === knowledgeBase.id);
  if (!found) throw new Error('The knowledge base is gone.');
  return found.content;
}

/** Whether an answer from before would no longer be given after something was done. */
async function isChangedBy(act: () => Promise<unknown>): Promise<boolean> {
  const before = await content();
  await act();
  return (await content()).version !== before.version;
}

describe('the content of a knowledge base changes as soon as', () => {
  it('a document is ready, and again with each version of it', async () => {
    const document = await upload();
    const next = async () => {
      const file = Buffer.from(`Other ${randomUUID()}`);
      const { body } = await keeper.upload<KnowledgeDocument>(
        `${path()}/documents?documentId=${document.id}`,
        'n.txt',
        file,
      );
      await settled(keeper, body);
    };
    expect(await isChangedBy(upload)).toBe(true);
    expect(await isChangedBy(next)).toBe(true);
  });

  it('access to a document or its name is changed', async () => {
    const document = await upload();
    const access = { visibility: 'restricted', users: [], groups: [GROUP], roles: [] };
    expect(await isChangedBy(() => keeper.must('PATCH', pathOf(document), { access }))).toBe(true);
    expect((await content()).grants).toContain(`group:${GROUP}`);
    expect(await isChangedBy(() => keeper.must('PATCH', pathOf(document), { name: 'b.txt' }))).toBe(true);
  });

  it('a document is deleted', async () => {
    const document = await upload();
    expect(await isChangedBy(() => keeper.must('DELETE', pathOf(document)))).toBe(true);
  });

  it('a document comes that only some may see, whose grants it then knows', async () => {
    const person = randomUUID();
    await upload({ visibility: 'restricted', users: [person], groups: [], roles: [] });
    expect((await content()).grants).toContain(`user:${person}`);
  });
});

describe('the content of a knowledge base', () => {
  it('is neither shown nor part of its entity tag', async () => {
    const before = await keeper.call('GET', path());
    await upload();
    const after = await keeper.call('GET', path());
    expect([after.body, after.headers.get('etag')]).toEqual([before.body, before.headers.get('etag')]);
    const { items } = await keeper.must<{ items: KnowledgeBase[] }>('GET', '/api/v1/knowledge-bases');
    expect(items.find(({ id }) => id === knowledgeBase.id)).toEqual(before.body);
  });

  it('goes with the knowledge base', async () => {
    const { id } = await createKnowledgeBase(keeper);
    await uploadAndWait(keeper, id, 'note.txt', 'Note.');
    await keeper.must('DELETE', `/api/v1/knowledge-bases/${id}`);
    const { items } = await cosmos.container('knowledge-bases');
    const query = 'SELECT c.id FROM c';
    await eventually(async () => {
      const { resources } = await items.query<{ id: string }>(query, { partitionKey: [tenant.id] }).fetchAll();
      return resources.some((item) => item.id.includes(id)) ? undefined : true;
    });
  });
});
