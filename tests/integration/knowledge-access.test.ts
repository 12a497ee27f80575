import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Access, Role } from '../../shared/contracts/access.ts';
import type { ChatAnswer } from '../../shared/contracts/chat.ts';
import type { KnowledgeDocument } from '../../shared/contracts/documents.ts';
import type { KnowledgeBase } from '../../shared/contracts/knowledge-bases.ts';
import type { SearchResult } from '../../shared/contracts/search.ts';
import {
  createKnowledgeBase,
  eventually,
  onboardTenant,
  type TestPerson,
  type TestTenant,
  uploadAndWait,
} from './support/platform.ts';
import { keyOf, openStores } from './support/stores.ts';

const GROUPS = [randomUUID(), randomUUID()] as const;
const ROLES: readonly Role[] = ['Member', 'Auditor'];
const stores = openStores();

let tenant: TestTenant;
let keeper: TestPerson;
let member: TestPerson;
let stranger: TestPerson;

beforeAll(async () => {
  const other = await onboardTenant();
  tenant = await onboardTenant();
  keeper = await tenant.person(['KnowledgeManager']);
  member = await tenant.person(['Member'], { groups: [GROUPS[0]] });
  stranger = await other.person(['TenantAdmin'], { groups: [...GROUPS], oid: member.oid });
});

const restricted = (to: Partial<Access> = {}): Access => ({
  visibility: 'restricted',
  users: [],
  groups: [],
  roles: [],
  ...to,
});
const word = () => `w${randomUUID().replaceAll('-', '').slice(0, 10)}`;
const pathOf = ({ knowledgeBaseId, id }: KnowledgeDocument) =>
  `/api/v1/knowledge-bases/${knowledgeBaseId}/documents/${id}`;

/** The documents with a word of the query, among all that a person may see. */
async function found(person: TestPerson, query: string): Promise<string[]> {
  const { results } = await person.must<{ results: SearchResult[] }>('POST', '/api/v1/query', { query, limit: 50 });
  const exact = results.filter(({ scores }) => scores.sparse !== null);
  return [...new Set(exact.map(({ documentId }) => documentId))];
}

/** How a person sees a document at every door. */
async function seen(person: TestPerson, document: KnowledgeDocument, secret: string) {
  const base = `/api/v1/knowledge-bases/${document.knowledgeBaseId}`;
  const list = await person.call<{ items?: KnowledgeDocument[] }>('GET', `${base}/documents`);
  const query = await person.call<{ results?: SearchResult[] }>('POST', `${base}/query`, { query: secret });
  const chat = await person.call<ChatAnswer>('POST', '/api/v1/chat', { message: `What is ${secret}?` });
  const doors = ['', '/source', '/text', '/events'].map((door) => person.call('GET', `${pathOf(document)}${door}`));
  const isMine = ({ id }: { id: string }) => id === document.id;
  return {
    statuses: (await Promise.all(doors)).map(({ status }) => status),
    listed: list.body.items?.some(isMine) ?? false,
    found: query.body.results?.some(({ documentId }) => documentId === document.id) ?? false,
    cited: chat.body.citations?.some(({ documentId }) => documentId === document.id) ?? false,
    told: chat.body.text?.includes('the tide is seven metres') ?? false,
  };
}

const EVERYTHING = { statuses: [200, 200, 200, 200], listed: true, found: true, cited: true, told: true };
const NOTHING = { statuses: [404, 404, 404, 404], listed: false, found: false, cited: false, told: false };
const secretText = (secret: string) => `The ${secret} says that the tide is seven metres high.`;

describe('a restricted document', () => {
  const lists: [string, () => Access, boolean][] = [
    ['to the person', () => restricted({ users: [member.oid] }), true],
    ['to a group of the person', () => restricted({ groups: [GROUPS[1], GROUPS[0]] }), true],
    ['to a role of the person', () => restricted({ roles: ['Auditor', 'Member'] }), true],
    ['to somebody else', () => restricted({ users: [randomUUID()], groups: [GROUPS[1]], roles: ['Auditor'] }), false],
    ['to nobody', () => restricted(), false],
  ];

  it.concurrent.each(lists)('is there only for whom its list names: %s', async (_, access, isAllowed) => {
    const { id } = await createKnowledgeBase(keeper);
    const secret = word();
    const document = await uploadAndWait(keeper, id, 'secret.txt', secretText(secret), access());
    expect(await seen(member, document, secret)).toEqual(isAllowed ? EVERYTHING : NOTHING);
    expect(await seen(stranger, document, secret)).toEqual(NOTHING);
  });

  it('is gone from the next answer when a right to it is taken away, and back when it is given', async () => {
    const { id } = await createKnowledgeBase(keeper);
    const secret = word();
    const document = await uploadAndWait(keeper, id, 'secret.txt', secretText(secret));
    expect(await seen(member, document, secret)).toEqual(EVERYTHING);
    await keeper.must('PATCH', pathOf(document), { access: restricted({ groups: [GROUPS[1]] }) });
    expect(await seen(member, document, secret)).toEqual(NOTHING);
    await keeper.must('PATCH', pathOf(document), { access: null });
    expect(await seen(member, document, secret)).toEqual(EVERYTHING);
  });

  it('ends with the access that was stored last, whoever changes it at the same time', async () => {
    const { id } = await createKnowledgeBase(keeper);
    const document = await uploadAndWait(keeper, id, 'busy.txt', 'Much discussed.');
    const lists = Array.from({ length: 8 }, () => restricted({ users: [randomUUID()] }));
    await Promise.all(lists.map((access) => keeper.must('PATCH', pathOf(document), { access })));
    const { access } = await keeper.must<KnowledgeDocument>('GET', pathOf(document));
    const [vector] = await stores.vectors(keyOf(tenant.id, document));
    expect(vector?.grants).toEqual([`user:${access?.users[0]}`]);
  });
});

describe('a restricted knowledge base', () => {
  it('is not there for whom it does not let in, whatever its documents allow', async () => {
    const access = restricted({ groups: [GROUPS[1]] });
    const knowledgeBase = await createKnowledgeBase(keeper, { access });
    const secret = word();
    const open = { visibility: 'tenant', users: [], groups: [], roles: [] } satisfies Access;
    const document = await uploadAndWait(keeper, knowledgeBase.id, 'inner.txt', secretText(secret), open);
    const path = `/api/v1/knowledge-bases/${knowledgeBase.id}`;

    expect(await seen(member, document, secret)).toEqual(NOTHING);
    expect((await member.call('GET', path)).status).toBe(404);
    const { items } = await member.must<{ items: KnowledgeBase[] }>('GET', '/api/v1/knowledge-bases');
    expect(items.some(({ id }) => id === knowledgeBase.id)).toBe(false);
    const named = { knowledgeBaseIds: [knowledgeBase.id] };
    expect((await member.call('POST', '/api/v1/query', { query: secret, ...named })).status).toBe(404);
    expect((await member.call('POST', '/api/v1/chat', { message: secret, ...named })).status).toBe(404);
    expect(await found(member, secret)).toEqual([]);

    await keeper.must('PATCH', path, { access: restricted({ groups: [GROUPS[0]] }) });
    expect(await seen(member, document, secret)).toEqual(EVERYTHING);
  });
});

describe('whoever may not change knowledge', () => {
  let document: KnowledgeDocument;
  const attempts = (base: string, of: string): [string, string, unknown?][] => [
    ['POST', `${base}/uploads`, { name: 'a.txt' }],
    ['PATCH', base, { name: 'Taken' }],
    ['PATCH', of, { access: restricted() }],
    ['POST', `${of}/complete-upload`],
    ['POST', `${of}/retry`],
    ['DELETE', of],
    ['DELETE', base],
  ];

  beforeAll(async () => {
    const { id } = await createKnowledgeBase(keeper);
    document = await uploadAndWait(keeper, id, 'kept.txt', 'Kept as it was.');
  });

  async function expectRefused(person: TestPerson, status: number): Promise<void> {
    const base = `/api/v1/knowledge-bases/${document.knowledgeBaseId}`;
    const before = await keeper.call('GET', pathOf(document));
    for (const [method, path, body] of attempts(base, pathOf(document))) {
      expect([method, path, (await person.call(method, path, body)).status]).toEqual([method, path, status]);
    }
    expect((await person.upload(`${base}/documents`, 'a.txt', Buffer.from('a'))).status).toBe(status);
    const after = await keeper.call('GET', pathOf(document));
    expect([after.body, after.headers.get('etag')]).toEqual([before.body, before.headers.get('etag')]);
    const { items } = await keeper.must<{ items: unknown[] }>('GET', `${base}/documents`);
    expect(items).toHaveLength(1);
    expect(await found(keeper, 'kept')).toContain(document.id);
  }

  it('is refused as a member', async () => {
    await expectRefused(member, 403);
    expect((await member.call('POST', '/api/v1/knowledge-bases', { name: 'Mine' })).status).toBe(403);
  });

  it('finds nothing to change in another tenant', async () => {
    await expectRefused(stranger, 404);
    const query = { query: 'kept', knowledgeBaseIds: [document.knowledgeBaseId] };
    expect((await stranger.call('POST', '/api/v1/query', query)).status).toBe(404);
    expect(await found(stranger, 'kept')).toEqual([]);
  });

  it('does not include a second knowledge manager', async () => {
    const colleague = await tenant.person(['KnowledgeManager']);
    const renamed = await colleague.must<KnowledgeDocument>('PATCH', pathOf(document), { name: 'renamed.txt' });
    expect(renamed.name).toBe('renamed.txt');
  });
});

describe('random access lists and people', () => {
  const oids = [randomUUID(), randomUUID(), randomUUID()] as const;
  const accessList = fc.option(
    fc.record({
      visibility: fc.constantFrom('restricted' as const, 'restricted' as const, 'tenant' as const),
      users: fc.subarray([...oids]),
      groups: fc.subarray([...GROUPS]),
      roles: fc.subarray([...ROLES]),
    }),
  );
  const people = fc.record({
    oid: fc.constantFrom(...oids),
    groups: fc.subarray([...GROUPS]),
    isAuditor: fc.boolean(),
  });

  function mayRead(access: Access | null, person: { oid: string; groups: string[]; roles: readonly Role[] }): boolean {
    if (access === null || access.visibility === 'tenant') return true;
    const has = (wanted: readonly string[], held: readonly string[]) => wanted.some((one) => held.includes(one));
    return has(access.users, [person.oid]) || has(access.groups, person.groups) || has(access.roles, person.roles);
  }

  it('find exactly what the lists allow', async () => {
    const { id } = await createKnowledgeBase(keeper);
    const term = word();
    const names = Array.from({ length: 6 }, (_, index) => `random-${index}.txt`);
    const documents = await Promise.all(names.map((name) => uploadAndWait(keeper, id, name, `${name} about ${term}.`)));

    await fc.assert(
      fc.asyncProperty(fc.array(accessList, { minLength: 6, maxLength: 6 }), people, async (lists, who) => {
        await Promise.all(
          documents.map((document, index) => keeper.must('PATCH', pathOf(document), { access: lists[index] ?? null })),
        );
        const roles: Role[] = who.isAuditor ? ['Member', 'Auditor'] : ['Member'];
        const person = await tenant.person(roles, who);
        const allowed = documents.filter((_, index) => mayRead(lists[index] ?? null, { ...who, roles }));
        const ids = allowed.map((document) => document.id).sort();
        expect((await found(person, term)).sort()).toEqual(ids);
        const path = `/api/v1/knowledge-bases/${id}/query`;
        const { results } = await person.must<{ results: SearchResult[] }>('POST', path, { query: 'anything' });
        expect(results.filter(({ documentId }) => !ids.includes(documentId))).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });
});

describe('entity tags', () => {
  const race = async (path: string, etag: string) => {
    const change = (name: string) => keeper.call('PATCH', path, { name }, { 'if-match': etag });
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => change(`Name ${index}`)));
    const winners = answers.filter(({ status }) => status === 200);
    expect(answers.filter(({ status }) => status === 412)).toHaveLength(19);
    expect(await keeper.must('GET', path)).toMatchObject({ name: winners[0]?.body.name });
  };

  it.each(['knowledge base', 'document'])(
    'let one of twenty changes of a %s win, and refuse a stale one',
    async (kind) => {
      const { id } = await createKnowledgeBase(keeper);
      const document = await uploadAndWait(keeper, id, 'tagged.txt', 'Tagged.');
      const path = kind === 'document' ? pathOf(document) : `/api/v1/knowledge-bases/${id}`;
      const { headers } = await keeper.call('GET', path);
      const etag = headers.get('etag') ?? '';
      expect(etag).not.toBe('');
      await race(path, etag);
      const stale = await keeper.call('PATCH', path, { name: 'Stale' }, { 'if-match': etag });
      expect(stale).toMatchObject({ status: 412, body: { code: 'precondition_failed' } });
      expect((await keeper.call('PATCH', path, { name: 'Whatever' }, { 'if-match': '*' })).status).toBe(200);
    },
  );

  it('are not needed while a document is being processed', async () => {
    const { id } = await createKnowledgeBase(keeper);
    const { body } = await keeper.upload<KnowledgeDocument>(
      `/api/v1/knowledge-bases/${id}/documents`,
      'busy.txt',
      Buffer.from('Busy.'),
    );
    await eventually(async () => {
      const { status } = await keeper.call('PATCH', pathOf(body), { name: `busy-${randomUUID()}.txt` });
      expect(status).toBe(200);
      return (await keeper.must<KnowledgeDocument>('GET', pathOf(body))).status === 'ready' || undefined;
    });
  });
});
