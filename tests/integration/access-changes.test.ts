import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Access } from '../../shared/contracts/access.ts';
import type { KnowledgeDocument } from '../../shared/contracts/documents.ts';
import { MAX_WITHHELD } from '../../shared/knowledge/knowledge-content.ts';
import { documentsPath, pathOf } from './support/document-pipeline.ts';
import type { IngestionApp } from './support/ingestion-app.ts';
import {
  createKnowledgeBase,
  eventually,
  type TestPerson,
  type TestTenant,
  uploadAndWait,
} from './support/platform.ts';
import { keyOf } from './support/stores.ts';
import {
  found,
  idsFound,
  knowledgeBases,
  restricted,
  startVectorStoreOutages,
  type VectorStoreOutages,
} from './support/vector-store-outages.ts';

const GROUP = randomUUID();
const CHANGES_AT_ONCE = 6;

let world: VectorStoreOutages;
let app: IngestionApp;
let tenant: TestTenant;
let keeper: TestPerson;
let member: TestPerson;
let auditor: TestPerson;
let inOutage: VectorStoreOutages['inOutage'];

beforeAll(async () => {
  world = await startVectorStoreOutages();
  ({ app, tenant, keeper, inOutage } = world);
  member = await tenant.person(['Member'], { apiUrl: app.url });
  auditor = await tenant.person(['Auditor', 'Member'], { apiUrl: app.url });
});

afterAll(() => world.stop());

const toAuditors = restricted({ roles: ['Auditor'] });
const path = (knowledgeBaseId: string) => `/api/v1/knowledge-bases/${knowledgeBaseId}`;

async function newDocument(access?: Access) {
  const { id } = await createKnowledgeBase(keeper);
  return uploadAndWait(keeper, id, 'tides.txt', 'The tide tables of the harbour.', access);
}
const grantsOf = async (document: KnowledgeDocument) =>
  (await app.stores.vectors(keyOf(tenant.id, document))).map(({ grants }) => grants);
const withheld = ({ knowledgeBaseId }: KnowledgeDocument) => knowledgeBases.withheld(tenant.id, knowledgeBaseId);
const version = async ({ knowledgeBaseId }: KnowledgeDocument) =>
  (await knowledgeBases.list(tenant.id)).find(({ id }) => id === knowledgeBaseId)?.content.version;

/** Waits until nothing is withheld and the chunks carry the access of the record. */
const converged = (document: KnowledgeDocument, grants: readonly string[]) =>
  eventually(async () => {
    const isReleased = Object.keys(await withheld(document)).length === 0;
    const isAligned = (await grantsOf(document)).every((each) => JSON.stringify(each) === JSON.stringify(grants));
    return (isReleased && isAligned) || undefined;
  });

describe('a change of access while the vector store is away', () => {
  it('is in force with the next search, and follows to the chunks when it is back', async () => {
    const document = await newDocument();
    expect(await idsFound(member, document.knowledgeBaseId)).toEqual([document.id]);
    await inOutage(async () => {
      expect((await keeper.call('PATCH', pathOf(document), { access: toAuditors })).status).toBe(200);
      expect([await grantsOf(document), await withheld(document)]).toEqual([[['tenant']], { [document.id]: 1 }]);
    });
    expect(await idsFound(member, document.knowledgeBaseId)).toEqual([]);
    expect((await member.call('GET', pathOf(document))).status).toBe(404);
    expect((await auditor.call('GET', pathOf(document))).status).toBe(200);
    await converged(document, ['role:Auditor']);
    expect(await idsFound(member, document.knowledgeBaseId)).toEqual([]);
    expect(await idsFound(auditor, document.knowledgeBaseId)).toEqual([document.id]);
  });

  it('hides from nobody who could find the document what only lets in more', async () => {
    const document = await newDocument(toAuditors);
    const wider = restricted({ roles: ['Auditor', 'Member'] });
    await inOutage(() => keeper.must('PATCH', pathOf(document), { access: wider }));
    expect(await idsFound(auditor, document.knowledgeBaseId)).toEqual([document.id]);
    await converged(document, ['role:Auditor', 'role:Member']);
    expect(await idsFound(member, document.knowledgeBaseId)).toEqual([document.id]);
  });

  it('renames the document and its citations follow', async () => {
    const document = await newDocument();
    await inOutage(() => keeper.must('PATCH', pathOf(document), { name: 'renamed.txt' }));
    expect(await idsFound(member, document.knowledgeBaseId)).toEqual([document.id]);
    await eventually(async () => {
      const [first] = await found(member, document.knowledgeBaseId);
      return first?.documentName === 'renamed.txt' || undefined;
    });
  });

  it('deletes the document at once', async () => {
    const document = await newDocument();
    const { status } = await inOutage(() => keeper.call('DELETE', pathOf(document)));
    expect(status).toBe(202);
    expect(await idsFound(keeper, document.knowledgeBaseId)).toEqual([]);
    await eventually(async () => (await app.stores.document(keyOf(tenant.id, document))) === undefined || undefined);
    await converged(document, []);
    expect(await grantsOf(document)).toEqual([]);
  });

  it('is refused, and changes nothing, when too many documents wait already', async () => {
    const document = await newDocument();
    const waiting = Object.fromEntries(Array.from({ length: MAX_WITHHELD }, (_, index) => [`doc_${index}`, 1]));
    await knowledgeBases.contentChanged(tenant.id, document.knowledgeBaseId, { withhold: waiting });
    const refused = { status: 503, body: { code: 'dependency_unavailable' } };
    expect(await keeper.call('PATCH', pathOf(document), { access: toAuditors })).toMatchObject(refused);
    expect(await keeper.call('DELETE', pathOf(document))).toMatchObject(refused);
    expect(await keeper.must('GET', pathOf(document))).toMatchObject({ access: null, status: 'ready' });
    expect(await idsFound(member, document.knowledgeBaseId)).toEqual([document.id]);
    await knowledgeBases.contentChanged(tenant.id, document.knowledgeBaseId, { release: waiting });
    await keeper.must('PATCH', pathOf(document), { access: toAuditors });
    expect(await idsFound(member, document.knowledgeBaseId)).toEqual([]);
  });
});

describe('a change of access that was cut off', () => {
  const deliver = async (document: KnowledgeDocument) => {
    await app.stores.send('document-align', keyOf(tenant.id, document));
    await app.quiet();
  };

  it('before it was stored leaves the document as it was, once its message has come', async () => {
    const document = await newDocument();
    const mark = { [document.id]: 1 };
    await knowledgeBases.contentChanged(tenant.id, document.knowledgeBaseId, { withhold: mark });
    expect(await idsFound(member, document.knowledgeBaseId)).toEqual([]);
    await deliver(document);
    expect(await withheld(document)).toEqual({});
    expect(await idsFound(member, document.knowledgeBaseId)).toEqual([document.id]);
  });

  it('before the chunks followed is finished by its message', async () => {
    const document = await newDocument();
    const mark = { [document.id]: 1 };
    await knowledgeBases.contentChanged(tenant.id, document.knowledgeBaseId, { withhold: mark });
    await app.stores.rewind(keyOf(tenant.id, document), { access: toAuditors, revision: 1 });
    await deliver(document);
    await converged(document, ['role:Auditor']);
    expect(await idsFound(member, document.knowledgeBaseId)).toEqual([]);
    expect(await idsFound(auditor, document.knowledgeBaseId)).toEqual([document.id]);
  });

  it('by one that a message has overtaken is never let out before it is stored', async () => {
    const document = await newDocument();
    const { knowledgeBaseId } = document;
    const before = await app.stores.document(keyOf(tenant.id, document));
    await knowledgeBases.contentChanged(tenant.id, knowledgeBaseId, { withhold: { [document.id]: 1 } });
    await deliver(document);
    const after = await app.stores.document(keyOf(tenant.id, document));
    expect([before?.revision, after?.revision]).toEqual([0, 1]);
  });

  it('after a deletion began finishes that', async () => {
    const document = await newDocument();
    await app.stores.rewind(keyOf(tenant.id, document), { status: 'deleting' });
    await deliver(document);
    expect(await app.stores.document(keyOf(tenant.id, document))).toBeUndefined();
    expect(await grantsOf(document)).toEqual([]);
  });
});

describe('messages that come again', () => {
  it('announce nothing when nothing has changed', async () => {
    const document = await newDocument();
    await keeper.must('PATCH', pathOf(document), { access: toAuditors });
    await app.quiet();
    const before = await version(document);
    const key = keyOf(tenant.id, document);
    await app.stores.send('chunk-embed', { ...key, version: 1, batch: 0 });
    await app.stores.send('document-chunk', { ...key, version: 1 });
    await app.stores.send('document-align', key, key);
    await app.quiet();
    expect(await version(document)).toBe(before);
  });

  it('mend, and tell of, what the chunks carry wrongly', async () => {
    const document = await newDocument();
    const key = keyOf(tenant.id, document);
    await app.stores.rewind(key, { access: toAuditors, revision: 1 });
    const before = await version(document);
    await app.stores.send('chunk-embed', { ...key, version: 1, batch: 0 });
    await app.quiet();
    expect(await grantsOf(document)).toEqual([['role:Auditor']]);
    expect(await version(document)).not.toBe(before);
  });
});

describe('changes of access', () => {
  it('at the same time, and while the file is processed, end with the one that was stored last', async () => {
    const { id } = await createKnowledgeBase(keeper);
    const file = Buffer.from('The tide tables of the harbour.');
    const { body: document } = await keeper.upload<KnowledgeDocument>(documentsPath(id), 'tides.txt', file, toAuditors);
    const change = () => keeper.must('PATCH', pathOf(document), { access: restricted({ users: [randomUUID()] }) });
    await Promise.all(Array.from({ length: CHANGES_AT_ONCE }, change));
    await app.quiet();
    const stored = await keeper.must<KnowledgeDocument>('GET', pathOf(document));
    expect(stored).toMatchObject({ status: 'ready' });
    await converged(document, [`user:${stored.access?.users[0]}`]);
    expect(await idsFound(member, id)).toEqual([]);
    expect(await idsFound(auditor, id)).toEqual([]);
  });

  it('of a knowledge base and of the groups of a person need no chunk to change', async () => {
    const document = await newDocument(restricted({ groups: [GROUP] }));
    const { knowledgeBaseId } = document;
    const oid = randomUUID();
    const [inside, outside] = await Promise.all([
      tenant.person(['Member'], { oid, groups: [GROUP], apiUrl: app.url }),
      tenant.person(['Member'], { oid, groups: [], apiUrl: app.url }),
    ]);
    expect(await idsFound(inside, knowledgeBaseId)).toEqual([document.id]);
    expect(await idsFound(outside, knowledgeBaseId)).toEqual([]);
    await keeper.must('PATCH', path(knowledgeBaseId), { access: toAuditors });
    expect((await inside.call('POST', `${path(knowledgeBaseId)}/query`, { query: 'tide' })).status).toBe(404);
  });
});
