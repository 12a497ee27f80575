import { randomUUID } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { ClientRequest } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CosmosEmulator, startCosmos } from '../../local/emulators/cosmos/server.ts';
import { type Cosmos, createCosmos } from '../../shared/adapters/cosmos/client.ts';
import { wrapContinuation } from '../../shared/adapters/cosmos/continuation.ts';
import { createDocumentRepository } from '../../shared/adapters/cosmos/document-repository.ts';
import { cosmosDependency } from '../../shared/adapters/cosmos/health.ts';
import { createItemStore } from '../../shared/adapters/cosmos/item-store.ts';
import { createKnowledgeBaseRepository } from '../../shared/adapters/cosmos/knowledge-base-repository.ts';
import { createMessageRepository } from '../../shared/adapters/cosmos/message-repository.ts';
import { migrate } from '../../shared/adapters/cosmos/migrations.ts';
import { createSessionRepository } from '../../shared/adapters/cosmos/session-repository.ts';
import { createTenantRepository } from '../../shared/adapters/cosmos/tenant-repository.ts';
import { createUserRepository } from '../../shared/adapters/cosmos/user-repository.ts';
import type { KnowledgeBase } from '../../shared/contracts/knowledge-bases.ts';
import type { Page, PageQuery } from '../../shared/contracts/paging.ts';
import { type Message, Session } from '../../shared/contracts/sessions.ts';
import type { Tenant } from '../../shared/contracts/tenants.ts';
import type { User } from '../../shared/contracts/users.ts';
import { newId } from '../../shared/identifiers.ts';
import type { StoredDocument } from '../../shared/knowledge/document-repository.ts';
import type { ContentChange } from '../../shared/knowledge/knowledge-content.ts';
import { NO_CONTENT } from '../../shared/knowledge/knowledge-content.ts';
import type { Organisation } from '../../shared/tenants/tenant.ts';
import type { Versioned } from '../../shared/versioned.ts';

const stateDirectory = mkdtempSync(join(tmpdir(), 'cosmos-repositories-'));
const quiet = () => undefined;
const userId = '7f4fb7d0-0c1c-4c83-8a2c-0a3d5b7e1f00';
let emulator: CosmosEmulator;
let cosmos: Cosmos;

beforeAll(async () => {
  emulator = await startCosmos({ port: 0, stateDirectory });
  const authority = readFileSync(emulator.certificateAuthorityPath, 'utf8');
  setDefaultCACertificates([...getCACertificates('default'), authority]);
  cosmos = open('platform');
  await migrate(cosmos, quiet);
});

afterAll(async () => {
  cosmos.close();
  await emulator.stop();
  rmSync(stateDirectory, { recursive: true, force: true });
});

function open(database: string): Cosmos {
  return createCosmos({ endpoint: emulator.url, key: emulator.key, database });
}

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

function sessionAt(second: number): Session {
  const time = at(second);
  return {
    id: newId('ses'),
    title: 'New chat',
    knowledgeBaseIds: null,
    messageCount: 0,
    createdAt: time,
    updatedAt: time,
  };
}

function messageAt(sessionId: string, second: number): Message {
  return {
    id: newId('msg'),
    sessionId,
    role: 'user',
    text: `Message ${second}`,
    createdAt: at(second),
    runId: newId('run'),
    citations: [],
    model: null,
    finishReason: null,
    usage: null,
    feedback: null,
  };
}

function knowledgeBase(name: string): KnowledgeBase {
  return {
    id: newId('kb'),
    name,
    description: '',
    access: { visibility: 'tenant', users: [], groups: [], roles: [] },
    chunking: { strategy: 'structure', maxTokens: 400, overlapTokens: 60, surroundingTokens: 0 },
    embeddingModel: 'text-embedding-3-small',
    createdBy: userId,
    createdAt: at(0),
    updatedAt: at(0),
  };
}

function documentIn(tenantId: string, knowledgeBaseId: string, second: number): StoredDocument {
  return {
    id: newId('doc'),
    tenantId,
    knowledgeBaseId,
    name: `document-${second}.pdf`,
    status: 'queued',
    revision: 0,
    version: 1,
    liveVersion: null,
    source: 'upload',
    mediaType: null,
    size: 10,
    access: null,
    pageCount: null,
    chunkCount: null,
    progress: 0,
    error: null,
    findings: [],
    createdBy: userId,
    createdAt: at(second),
    updatedAt: at(second),
    versionsIssued: 1,
    drop: null,
    batches: null,
  };
}

async function pagesOf<T>(list: (page: PageQuery) => Promise<Page<T>>, limit: number): Promise<T[][]> {
  const pages: T[][] = [];
  let continuation: string | null | undefined;
  do {
    const page: Page<T> = await list({ limit, ...(continuation ? { continuation } : {}) });
    pages.push(page.items);
    continuation = page.continuation;
    expect(continuation ?? 'none').toMatch(/^[A-Za-z0-9_-]+$/);
  } while (continuation);
  return pages;
}

/** What goes over the wire while `act` runs. */
async function requestsOf(act: () => Promise<unknown>): Promise<string[]> {
  const seen: string[] = [];
  const note = (message: unknown) => {
    const { request } = message as { request: ClientRequest };
    seen.push(`${request.method} ${request.path.split('/')[4] ?? request.path}`);
  };
  subscribe('http.client.request.start', note);
  try {
    await act();
  } finally {
    unsubscribe('http.client.request.start', note);
  }
  return seen;
}

describe('migrations', () => {
  it('are applied once, in order, also when two start at once', async () => {
    const other = open('migrated');
    const runs: string[] = [];
    const step = (name: string) => ({ name, run: async () => void runs.push(name) });
    const both = await Promise.all([migrate(other, quiet), migrate(other, quiet)]);
    const applied = both.flat();
    expect(applied).toContain('0001-main-path-containers');
    expect(new Set(applied).size).toBe(applied.length);
    expect(await migrate(other, quiet)).toEqual([]);
    expect(await migrate(other, quiet, [step('a'), step('b')])).toEqual(['a', 'b']);
    expect(await migrate(other, quiet, [step('a'), step('b'), step('c')])).toEqual(['c']);
    expect(runs).toEqual(['a', 'b', 'c']);
    other.close();
  });

  it('leave no record of one that failed, and apply it the next time', async () => {
    const other = open('failed');
    const failing = { name: 'x', run: () => Promise.reject(Object.assign(new Error('busy'), { code: 503 })) };
    await expect(migrate(other, quiet, [failing])).rejects.toMatchObject({ code: 'dependency_unavailable' });
    expect(await migrate(other, quiet, [{ name: 'x', run: async () => undefined }])).toEqual(['x']);
    other.close();
  });

  it('are asked for when the database is not there', async () => {
    const other = open('missing');
    await expect(createTenantRepository(other).create(organisation(newId('ten')))).rejects.toMatchObject({
      code: 'dependency_unavailable',
      message: expect.stringContaining('db:migrate'),
    });
    await expect(cosmosDependency(other).check(AbortSignal.timeout(5_000))).rejects.toThrow('db:migrate');
    await cosmosDependency(cosmos).check(AbortSignal.timeout(5_000));
    other.close();
  });
});

const entraTenantId = '0d6f1d5a-8c3b-4f1e-9a57-1d3f5b7c9e02';

function tenantIn(id: string, fields: Partial<Tenant> = {}): Tenant {
  const times = { createdAt: at(0), updatedAt: at(0) };
  return { id, name: 'Contoso', parentId: null, mapping: null, status: 'active', policy: {}, ...times, ...fields };
}

function organisation(id: string, entraId: string = randomUUID()): Organisation {
  return { id, tenants: [tenantIn(id, { mapping: { entraTenantId: entraId, groupId: null } })] };
}

describe('tenants and users', () => {
  it('finds an organisation by its Entra tenant and by each of its tenants', async () => {
    const tenants = createTenantRepository(cosmos);
    expect(await tenants.organisationOf({ entraTenantId })).toBeNull();
    const created = await tenants.create(organisation(newId('ten'), entraTenantId));
    const { id } = created.value;
    expect(await tenants.organisationOf({ entraTenantId: entraTenantId.toUpperCase() })).toBe(id);
    expect(await tenants.organisationOf({ tenantId: id })).toBe(id);
    expect(await tenants.find(id)).toEqual(created);
    const child = tenantIn(newId('ten'), { parentId: id });
    const grown = { id, tenants: [...created.value.tenants, child] };
    await tenants.replace(grown, created.etag);
    expect(await tenants.organisationOf({ tenantId: child.id })).toBe(id);
    const stale = { code: 'precondition_failed' };
    await expect(tenants.replace(created.value, created.etag)).rejects.toMatchObject(stale);
    expect((await tenants.find(id))?.value).toEqual(grown);
    expect(await tenants.find(child.id)).toBeNull();
  });

  it('gives an Entra tenant to one organisation only, whoever asks and when', async () => {
    const tenants = createTenantRepository(cosmos);
    const contested = randomUUID();
    const rivals = Array.from({ length: 5 }, () => organisation(newId('ten'), contested));
    const outcomes = await Promise.allSettled(rivals.map((rival) => tenants.create(rival)));
    const winners = rivals.filter((_, index) => outcomes[index]?.status === 'fulfilled');
    expect(winners.map(({ id }) => id)).toEqual([await tenants.organisationOf({ entraTenantId: contested })]);
    const bystander = await tenants.create(organisation(newId('ten')));
    const thief = tenantIn(newId('ten'), { mapping: { entraTenantId: contested, groupId: null } });
    const grown = { ...bystander.value, tenants: [...bystander.value.tenants, thief] };
    await expect(tenants.replace(grown, bystander.etag)).rejects.toMatchObject({ code: 'conflict' });
    await expect(tenants.create(bystander.value)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('lets an Entra tenant be onboarded whose first onboarding was interrupted', async () => {
    const tenants = createTenantRepository(cosmos);
    const [left, fresh] = [randomUUID(), randomUUID()];
    const container = await cosmos.container('tenants');
    for (const [entra, claimedAt] of Object.entries({ [left]: at(0), [fresh]: new Date().toISOString() })) {
      await container.items.create({ id: `entra:${entra}`, organisationId: newId('ten'), claimedAt });
    }
    const next = organisation(newId('ten'), left);
    await tenants.create(next);
    expect(await tenants.organisationOf({ entraTenantId: left })).toBe(next.id);
    await expect(tenants.create(organisation(newId('ten'), fresh))).rejects.toMatchObject({ code: 'conflict' });
  });

  it('lists every organisation under its present name, also when many come at once', async () => {
    const tenants = createTenantRepository(cosmos);
    const all = await Promise.all(Array.from({ length: 10 }, () => tenants.create(organisation(newId('ten')))));
    const [{ value, etag }] = all as [Versioned<Organisation>];
    await tenants.replace({ ...value, tenants: [tenantIn(value.id, { name: 'Renamed' })] }, etag);
    const listed = await tenants.list();
    expect(listed).toEqual(expect.arrayContaining(all.slice(1).map(({ value: { id } }) => ({ id, name: 'Contoso' }))));
    expect(listed).toContainEqual({ id: value.id, name: 'Renamed' });
  });

  it('refreshes a user at each sign-in, keeps what administrators set, and survives many at once', async () => {
    const users = createUserRepository(cosmos);
    const tenantId = newId('ten');
    const signIn = (second: number) =>
      users.recordSignIn({
        tenantId,
        userId,
        displayName: `Ann ${second}`,
        entraRoles: ['Member'],
        lastSeenAt: at(second),
      });
    // Opens the connections first, so that the sign-ins truly meet.
    await Promise.all(Array.from({ length: 20 }, () => users.find(tenantId, userId)));
    const all = await Promise.all(Array.from({ length: 20 }, (_, second) => signIn(second)));
    expect(new Set(all.map((user) => user.status))).toEqual(new Set(['active']));
    const found = await users.find(tenantId, userId);
    const set = { status: 'suspended', assignedRoles: ['Auditor'], legalHold: true } as const;
    await users.replace(
      { ...(found?.value as User), ...set, assignedRoles: [...set.assignedRoles] },
      found?.etag ?? '',
    );
    const expected = { tenantId, userId, displayName: 'Ann 30', entraRoles: ['Member'], lastSeenAt: at(30), ...set };
    expect(await signIn(30)).toEqual(expected);
    expect((await users.find(tenantId, userId))?.value).toEqual(expected);
    expect(await users.list(tenantId, { limit: 10 })).toEqual({ items: [expected], continuation: null });
    const stale = users.replace(found?.value as User, found?.etag ?? '');
    await expect(stale).rejects.toMatchObject({ code: 'precondition_failed' });
    expect(await users.find(newId('ten'), userId)).toBeNull();
  });
});

describe('sessions and messages', () => {
  it('lists the latest change first, page by page, for the owner only', async () => {
    const sessions = createSessionRepository(cosmos);
    const owner = { tenantId: newId('ten'), userId };
    const created = Array.from({ length: 7 }, (_, second) => sessionAt(Math.floor(second / 2)));
    for (const session of created) await sessions.create(owner, session);
    const pages = await pagesOf((page) => sessions.list(owner, page), 3);
    expect(pages.map((page) => page.length)).toEqual([3, 3, 1]);
    expect(pages.flat()).toEqual(created.toReversed());
    const stranger = { ...owner, userId: entraTenantId };
    expect(await sessions.list(stranger, { limit: 10 })).toEqual({ items: [], continuation: null });
    expect(await sessions.find(stranger, created[0]?.id ?? '')).toBeNull();
  });

  it('refuses a continuation that was changed or comes from another list', async () => {
    const sessions = createSessionRepository(cosmos);
    const owner = { tenantId: newId('ten'), userId };
    for (const second of [1, 2]) await sessions.create(owner, sessionAt(second));
    const { continuation } = await sessions.list(owner, { limit: 1 });
    const other = { ...owner, tenantId: newId('ten') };
    const refused = { code: 'bad_request' };
    for (const wrong of [`${continuation}A`, `A${continuation}`, 'A', (continuation ?? '').slice(0, -4)]) {
      await expect(sessions.list(owner, { limit: 1, continuation: wrong })).rejects.toMatchObject(refused);
    }
    await expect(sessions.list(other, { limit: 1, continuation: continuation ?? '' })).rejects.toMatchObject(refused);
  });

  it('refuses a continuation that Cosmos DB does not know', async () => {
    const store = createItemStore(cosmos, 'users');
    const [partition, query] = [[newId('ten')], 'SELECT * FROM c'];
    const continuation = wrapContinuation(JSON.stringify(['users', partition, query]), 'made up');
    const page = store.page(partition, query, { limit: 1, continuation });
    await expect(page).rejects.toMatchObject({ code: 'bad_request' });
  });

  it('counts messages of writers that come at once, and says when the session is gone', async () => {
    const sessions = createSessionRepository(cosmos);
    const owner = { tenantId: newId('ten'), userId };
    const session = sessionAt(0);
    await sessions.create(owner, session);
    await sessions.create(owner, { ...session, title: 'again' });
    const updates = Array.from({ length: 10 }, (_, second) =>
      sessions.update(owner, session.id, { updatedAt: at(second), addMessages: 2 }),
    );
    await Promise.all(updates);
    const renamed = await sessions.update(owner, session.id, { title: 'Holidays', updatedAt: at(20) });
    expect(renamed).toEqual({ ...session, title: 'Holidays', updatedAt: at(20), messageCount: 20 });
    expect(Session.strict().parse(await sessions.find(owner, session.id))).toEqual(renamed);
    await sessions.remove(owner, session.id);
    await sessions.remove(owner, session.id);
    expect(await sessions.update(owner, session.id, { updatedAt: at(21) })).toBeNull();
  });

  it('keeps each message once and gives the newest in the order in which they were written', async () => {
    const messages = createMessageRepository(cosmos);
    const [tenantId, sessionId] = [newId('ten'), newId('ses')];
    const written = Array.from({ length: 6 }, (_, second) => messageAt(sessionId, Math.floor(second / 2)));
    for (const message of written) await messages.save(tenantId, message);
    await messages.save(tenantId, { ...(written[0] as Message), text: 'changed' });
    expect(await messages.latest(tenantId, sessionId, 4)).toEqual(written.slice(2));
    expect(await messages.latest(tenantId, newId('ses'), 4)).toEqual([]);
    expect((await pagesOf((page) => messages.list(tenantId, sessionId, page), 4)).flat()).toEqual(written);
    const id = written[1]?.id ?? '';
    const feedback = { rating: 'up' as const, comment: 'exact' };
    expect(await messages.setFeedback(tenantId, sessionId, id, feedback)).toEqual({ ...written[1], feedback });
    expect((await messages.find(tenantId, sessionId, id))?.feedback).toEqual(feedback);
    expect(await messages.setFeedback(tenantId, sessionId, newId('msg'), feedback)).toBeNull();
  });

  it('removes all messages of one session and of no other', async () => {
    const messages = createMessageRepository(cosmos);
    const tenantId = newId('ten');
    const [gone, kept] = [newId('ses'), newId('ses')];
    await Promise.all(Array.from({ length: 60 }, (_, second) => messages.save(tenantId, messageAt(gone, second))));
    await messages.save(tenantId, messageAt(kept, 1));
    await messages.removeAll(tenantId, gone);
    await messages.removeAll(tenantId, gone);
    expect(await messages.latest(tenantId, gone, 10)).toEqual([]);
    expect(await messages.latest(tenantId, kept, 10)).toHaveLength(1);
  });
});

describe('knowledge bases and documents', () => {
  it('lists the knowledge bases of a tenant by name and decides races by the entity tag', async () => {
    const repository = createKnowledgeBaseRepository(cosmos);
    const tenantId = newId('ten');
    const [second, first] = [knowledgeBase('benefits'), knowledgeBase('Absences')];
    const created = await repository.create(tenantId, second);
    await repository.create(tenantId, first);
    expect(await repository.list(tenantId)).toEqual([first, second].map((each) => ({ ...each, content: NO_CONTENT })));
    await expect(repository.create(tenantId, second)).rejects.toMatchObject({ code: 'conflict' });
    const changed = await repository.replace(tenantId, { ...second, name: 'Pay' }, created.etag);
    expect(await repository.find(tenantId, second.id)).toEqual(changed);
    const stale = { code: 'precondition_failed' };
    await expect(repository.replace(tenantId, second, created.etag)).rejects.toMatchObject(stale);
    await repository.remove(tenantId, second.id);
    await repository.remove(tenantId, second.id);
    await expect(repository.replace(tenantId, second, changed.etag)).rejects.toMatchObject(stale);
    expect(await repository.find(newId('ten'), first.id)).toBeNull();
  });

  it('reads a knowledge base of an earlier release, which keeps no surroundings', async () => {
    const bases = createKnowledgeBaseRepository(cosmos);
    const [tenantId, one] = [newId('ten'), knowledgeBase('one')];
    const { surroundingTokens, ...chunking } = one.chunking;
    await bases.create(tenantId, { ...one, chunking: chunking as KnowledgeBase['chunking'] });
    const read = [(await bases.find(tenantId, one.id))?.value, ...(await bases.list(tenantId))];
    expect(read.map((each) => each?.chunking)).toEqual([one.chunking, one.chunking]);
  });

  it('counts every change of what is in a knowledge base, and keeps the grants that its documents name', async () => {
    const repository = createKnowledgeBaseRepository(cosmos);
    const [tenantId, one] = [newId('ten'), knowledgeBase('one')];
    const { etag } = await repository.create(tenantId, one);
    const contentOf = async () => (await repository.list(tenantId))[0]?.content;
    const grants = Array.from({ length: 6 }, (_, index) => `role:${index}`);
    const changes = grants.flatMap((grant) => [{ grants: [grant] }, {}, { grants: [grant] }]);
    await Promise.all(changes.map((changed) => repository.contentChanged(tenantId, one.id, changed)));
    expect(await contentOf()).toEqual({ version: changes.length, grants, withheld: {} });
    expect((await repository.find(tenantId, one.id))?.etag).toBe(etag);

    const many = Array.from({ length: 201 }, (_, index) => `user:${index}`);
    await repository.contentChanged(tenantId, one.id, { grants: many });
    await repository.contentChanged(tenantId, one.id, { grants: ['role:late'] });
    expect(await contentOf()).toEqual({ version: changes.length + 2, grants: null, withheld: {} });
    await repository.remove(tenantId, one.id);
    await repository.contentChanged(tenantId, one.id, {});
    expect(await repository.list(tenantId)).toEqual([]);
    const { items } = await cosmos.container('knowledge-bases');
    const left = await items.query('SELECT c.id FROM c', { partitionKey: [tenantId] }).fetchAll();
    expect(left.resources).toEqual([]);
  });

  it('withholds and releases documents, whoever does it at the same time', async () => {
    const repository = createKnowledgeBaseRepository(cosmos);
    const [tenantId, one] = [newId('ten'), knowledgeBase('one')];
    await repository.create(tenantId, one);
    expect(await repository.withheld(tenantId, one.id)).toEqual({});
    const ids = Array.from({ length: 6 }, () => newId('doc'));
    const change = (changed: ContentChange) => repository.contentChanged(tenantId, one.id, changed);
    await Promise.all(ids.map((id) => change({ withhold: { [id]: 2 } })));
    expect(await repository.withheld(tenantId, one.id)).toEqual(Object.fromEntries(ids.map((id) => [id, 2])));
    await Promise.all(ids.map((id, index) => change({ release: { [id]: index % 2 === 0 ? 2 : 1 } })));
    const odd = Object.fromEntries(ids.filter((_, index) => index % 2 === 1).map((id) => [id, 2]));
    expect(await repository.withheld(tenantId, one.id)).toEqual(odd);
    expect((await repository.list(tenantId))[0]?.content.withheld).toEqual(odd);
    await repository.remove(tenantId, one.id);
    expect(await repository.withheld(tenantId, one.id)).toEqual({});
  });

  it('reads what is from before documents were withheld and had revisions', async () => {
    const [tenantId, one] = [newId('ten'), knowledgeBase('one')];
    const bases = createKnowledgeBaseRepository(cosmos);
    await bases.create(tenantId, one);
    const { items } = await cosmos.container('knowledge-bases');
    await items.create({ id: `content-${one.id}`, tenantId, contentOf: one.id, version: 4, grants: [] });
    expect((await bases.list(tenantId))[0]?.content).toEqual({ version: 4, grants: [], withheld: {} });
    await bases.contentChanged(tenantId, one.id, { withhold: { doc: 1 } });
    expect((await bases.list(tenantId))[0]?.content).toEqual({ version: 5, grants: [], withheld: { doc: 1 } });

    const { revision, ...old } = documentIn(tenantId, one.id, 1);
    await (await cosmos.container('documents')).items.create(old);
    const documents = createDocumentRepository(cosmos);
    const key = { tenantId, knowledgeBaseId: one.id, documentId: old.id };
    expect((await documents.find(key))?.value).toEqual({ ...old, revision: 0 });
    expect((await documents.list(tenantId, one.id, { limit: 5 })).items).toEqual([{ ...old, revision: 0 }]);
  });

  it('keeps the documents of a knowledge base, newest first', async () => {
    const repository = createDocumentRepository(cosmos);
    const [tenantId, knowledgeBaseId] = [newId('ten'), newId('kb')];
    const all = Array.from({ length: 5 }, (_, second) => documentIn(tenantId, knowledgeBaseId, second));
    for (const document of all) await repository.create(document);
    const pages = await pagesOf((page) => repository.list(tenantId, knowledgeBaseId, page), 2);
    expect(pages.flat()).toEqual(all.toReversed());
    const [document] = all as [StoredDocument];
    const key = { tenantId, knowledgeBaseId, documentId: document.id };
    await expect(repository.create(document)).rejects.toMatchObject({ code: 'conflict' });
    const found = await repository.find(key);
    const race = ['embedding', 'deleting'].map((status) =>
      repository.replace({ ...document, status } as StoredDocument, found?.etag ?? '').catch((error) => error.code),
    );
    expect(await Promise.all(race)).toContain('precondition_failed');
    await repository.remove(key);
    expect(await repository.find(key)).toBeNull();
    expect(await repository.find({ ...key, knowledgeBaseId: newId('kb') })).toBeNull();
  });

  it('adds up how long the chunks of a knowledge base are, of documents that say it', async () => {
    const repository = createDocumentRepository(cosmos);
    const [tenantId, knowledgeBaseId] = [newId('ten'), newId('kb')];
    expect(await repository.lengths(tenantId, knowledgeBaseId)).toEqual({ chunks: 0, terms: 0 });
    await repository.create({ ...documentIn(tenantId, knowledgeBaseId, 1), chunkCount: 3, termCount: 120 });
    await repository.create({ ...documentIn(tenantId, knowledgeBaseId, 2), chunkCount: 2, termCount: 30 });
    await repository.create({ ...documentIn(tenantId, knowledgeBaseId, 3), chunkCount: 9 });
    await repository.create({ ...documentIn(tenantId, newId('kb'), 4), chunkCount: 7, termCount: 70 });
    expect(await repository.lengths(tenantId, knowledgeBaseId)).toEqual({ chunks: 5, terms: 150 });
  });

  it('says that an item is too large', async () => {
    const repository = createKnowledgeBaseRepository(cosmos);
    const large = { ...knowledgeBase('large'), description: 'x'.repeat(2_200_000) };
    await expect(repository.create(newId('ten'), large)).rejects.toMatchObject({ code: 'payload_too_large' });
  });
});

describe('the wire', () => {
  it('carries one request for each call', async () => {
    const owner = { tenantId: newId('ten'), userId };
    const [session, name] = [sessionAt(1), newId('kb')];
    const message = messageAt(session.id, 1);
    const document = documentIn(owner.tenantId, name, 1);
    const tenants = createTenantRepository(cosmos);
    const users = createUserRepository(cosmos);
    const sessions = createSessionRepository(cosmos);
    const messages = createMessageRepository(cosmos);
    const bases = createKnowledgeBaseRepository(cosmos);
    const documents = createDocumentRepository(cosmos);
    const user = { ...owner, displayName: 'Ann', entraRoles: [], lastSeenAt: at(1) };
    await users.recordSignIn(user);
    const calls: (() => Promise<unknown>)[] = [
      () => tenants.organisationOf({ entraTenantId }),
      () => tenants.find(owner.tenantId),
      () => tenants.list(),
      () => users.recordSignIn(user),
      () => users.find(owner.tenantId, userId),
      () => sessions.create(owner, session),
      () => sessions.find(owner, session.id),
      () => sessions.update(owner, session.id, { updatedAt: at(2), addMessages: 1 }),
      () => sessions.list(owner, { limit: 5 }),
      () => messages.save(owner.tenantId, message),
      () => messages.latest(owner.tenantId, session.id, 20),
      () => messages.list(owner.tenantId, session.id, { limit: 5 }),
      () => bases.create(owner.tenantId, knowledgeBase('one')),
      () => bases.list(owner.tenantId),
      () => documents.create(document),
      () => documents.list(owner.tenantId, name, { limit: 5 }),
    ];
    for (const call of calls) expect(await requestsOf(call), call.toString()).toHaveLength(1);
  });

  it('says what to do when the account is over its throughput or cannot be reached', async () => {
    const failure = { code: 'dependency_unavailable', retryAfterSeconds: expect.any(Number) };
    const find = (from: Cosmos) => createTenantRepository(from).organisationOf({ entraTenantId });
    const server = createServer((_request, response) => {
      response.writeHead(429, { 'x-ms-retry-after-ms': '20', connection: 'close' }).end('{"message":"over"}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const account = createCosmos({ endpoint, key: emulator.key, database: 'platform' });
    const over = { ...failure, message: expect.stringContaining('throughput') };
    const requests = await requestsOf(() => expect(find(account)).rejects.toMatchObject(over));
    expect(requests).toHaveLength(4);
    await new Promise((resolve) => server.close(resolve));
    const unreachable = { ...failure, message: expect.stringContaining('COSMOS_ENDPOINT') };
    await expect(find(account)).rejects.toMatchObject(unreachable);
    account.close();
  });
});
