import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v5 } from 'uuid';
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import type { Emulator } from '../../local/emulators/emulator.ts';
import { startQdrant } from '../../local/emulators/qdrant/server.ts';
import { createQdrantDependency } from '../../shared/adapters/qdrant/dependency.ts';
import { QDRANT_LIMITS } from '../../shared/adapters/qdrant/qdrant-client.ts';
import { createQdrantVectorStore } from '../../shared/adapters/qdrant/vector-store.ts';
import type { Principal } from '../../shared/identity/principal.ts';
import { NO_CONTENT, type SearchableKnowledgeBase } from '../../shared/knowledge/knowledge-content.ts';
import { type DocumentScope, type SearchScope, searchScope } from '../../shared/knowledge/search-scope.ts';
import type { Carried, ChunkPoint, VectorStore } from '../../shared/knowledge/vector-store.ts';
import { json, type ScriptedServer, startScriptedServer } from './scripted-server.ts';

const space = { model: 'Local Hash/v1', dimensions: 4 };
const tenantId = 'ten_01JD3Q5V4M8K2N6P9R1S7T0W3X';
const knowledgeBaseId = 'kb_01JD3Q5V4M8K2N6P9R1S7T0W3X';
const stateDirectory = mkdtempSync(join(tmpdir(), 'qdrant-'));
let emulator: Emulator;
let store: VectorStore;
let scripted: ScriptedServer;
let documents = 0;

beforeAll(async () => {
  emulator = await startQdrant({ port: 0, stateDirectory });
  scripted = await startScriptedServer();
  store = createQdrantVectorStore({ url: emulator.url, apiKey: undefined });
});

afterAll(async () => {
  await emulator.stop();
  await scripted.stop();
  rmSync(stateDirectory, { recursive: true, force: true });
});

function scope(overrides: Partial<Principal> = {}, content = NO_CONTENT): SearchScope {
  const principal = {
    tenantId,
    userId: '11111111-1111-4111-8111-111111111111',
    groups: [],
    roles: [],
    permissions: new Set(),
    knowledgeBaseIds: null,
    ...overrides,
  } as unknown as Principal;
  const access = { visibility: 'tenant', users: [], groups: [], roles: [] };
  return searchScope(principal, [{ id: knowledgeBaseId, access, content } as unknown as SearchableKnowledgeBase]);
}

function newDocument() {
  documents += 1;
  return { tenantId, knowledgeBaseId, documentId: `doc_${documents}` };
}

function point(
  documentId: string,
  version: number,
  index: number,
  { revision = 0, ...change }: Partial<ChunkPoint['passage'] & Carried> = {},
): ChunkPoint {
  return {
    revision,
    id: v5(`${documentId}/${version}/${index}`, v5.URL),
    dense: Float32Array.of(1, index, 0, 0),
    sparse: { indices: [7, 70 + documents], values: [1, 1] },
    contentHash: `${documentId}/${index}`,
    passage: {
      knowledgeBaseId,
      documentId,
      documentName: 'Handbook.pdf',
      version,
      index,
      text: `passage ${index} of version ${version}`,
      headingPath: ['Leave', 'Holidays'],
      page: null,
      start: index * 100,
      end: index * 100 + 100,
      tableHeader: null,
      surroundings: null,
      grants: ['tenant'],
      tags: ['hr'],
      modifiedAt: '2026-03-01T00:00:00.000Z',
      source: 'upload',
      ...change,
    },
  };
}

/** What chunks carry from the start, or after changes of their document's record. */
const carried = (change: Partial<Carried> = {}): Carried => ({
  revision: 0,
  documentName: 'Handbook.pdf',
  grants: ['tenant'],
  ...change,
});

const question = () => ({ dense: [1, 0, 0, 0], sparse: { indices: [70 + documents], values: [1] }, limit: 10 });

async function versionsFound(within = scope()): Promise<number[]> {
  const { sparse } = await store.search(space, within, question());
  return sparse.map((hit) => hit.passage.version).sort();
}

describe('chunks in Qdrant', () => {
  it('finds nothing and changes nothing in a collection that was never written to', async () => {
    const unwritten = { model: 'unwritten', dimensions: 4 };
    const document = newDocument();
    expect(await store.search(unwritten, scope(), question())).toEqual({ dense: [], sparse: [] });
    expect(await store.countDocument(document)).toBe(0);
    await store.removeDocument(document);
    await store.makeLive(unwritten, document, 1, carried());
  });

  it('lists of which documents of a knowledge base there are chunks, and counts the live ones', async () => {
    const other = { tenantId, knowledgeBaseId: 'kb_listed' };
    const ids = ['doc_listed-1', 'doc_listed-2', 'doc_listed-3'];
    const points = ids.flatMap((id, position) =>
      Array.from({ length: position + 1 }, (_, index) => point(id, 1, index, { knowledgeBaseId: 'kb_listed' })),
    );
    await store.upsert(space, tenantId, points);
    await store.makeLive(space, { ...other, documentId: 'doc_listed-2' }, 1, carried());
    const listed = new Set<string>();
    for (let after: string | null = ''; after !== null; ) {
      const page: Awaited<ReturnType<typeof store.documentsIn>> = await store.documentsIn(space, other, {
        after,
        limit: 2,
      });
      for (const id of page.documentIds) listed.add(id);
      after = page.next;
    }
    expect([...listed].sort()).toEqual(ids);
    expect(await store.countLive(space, other, ids)).toEqual(new Map([['doc_listed-2', 2]]));
    expect(await store.countLive(space, { ...other, tenantId: 'ten_other' }, ids)).toEqual(new Map());
    await expect(store.documentsIn(space, { ...other, tenantId: '' }, { after: '', limit: 1 })).rejects.toThrow(
      'tenant_id',
    );
  });

  it('finds a version only when it is live, whole, and with all that a citation needs', async () => {
    const document = newDocument();
    const points = [0, 1, 2].map((index) => point(document.documentId, 1, index));
    await Promise.all([store.upsert(space, tenantId, points), store.upsert(space, tenantId, points)]);
    expect(await versionsFound()).toEqual([]);
    await store.makeLive(space, document, 1, carried());
    const found = await store.search(space, scope(), question());
    expect(found.sparse).toHaveLength(3);
    expect(found.dense[0]).toMatchObject({ id: points[0]?.id, passage: points[0]?.passage });
  });

  it('tells which chunks somebody could find now', async () => {
    const document = newDocument();
    const points = [0, 1].map((index) => point(document.documentId, 1, index));
    const ids = [...points.map(({ id }) => id), v5('unknown', v5.URL)];
    const findable = async (within: SearchScope) => [...(await store.findable(space, within, ids))].sort();
    await store.upsert(space, tenantId, points);
    expect(await findable(scope())).toEqual([]);
    await store.makeLive(space, document, 1, carried());
    expect(await findable(scope())).toEqual(points.map(({ id }) => id).sort());
    expect(await findable(scope({ tenantId: 'ten_other' }))).toEqual([]);
    expect(await findable(scope({ knowledgeBaseIds: [] }))).toEqual([]);
    expect((await store.findable(space, scope(), [])).size).toBe(0);
    await store.updateDocument(document, carried({ revision: 1, grants: ['role:Auditor'] }));
    expect(await findable(scope())).toEqual([]);
    expect(await findable(scope({ roles: ['Auditor'] }))).toHaveLength(2);
    await store.removeDocument(document);
    expect(await findable(scope({ roles: ['Auditor'] }))).toEqual([]);
  });

  it('replaces an old version by a shorter new one without a mix', async () => {
    const document = newDocument();
    await store.upsert(
      space,
      tenantId,
      [0, 1, 2].map((index) => point(document.documentId, 1, index)),
    );
    await store.makeLive(space, document, 1, carried());
    await store.upsert(space, tenantId, [point(document.documentId, 2, 0)]);
    expect(await versionsFound()).toEqual([1, 1, 1]);
    await store.makeLive(space, document, 2, carried());
    expect(await versionsFound()).toEqual([2]);
    expect(await store.countDocument(document)).toBe(1);
  });

  it('keeps what is live when its chunks are delivered again', async () => {
    const document = newDocument();
    await store.upsert(space, tenantId, [point(document.documentId, 1, 0)]);
    await store.makeLive(space, document, 1, carried());
    await store.upsert(space, tenantId, [point(document.documentId, 1, 0)]);
    expect(await versionsFound()).toEqual([1]);
  });

  it('shows a restricted passage only to who holds a grant, also after the grants change', async () => {
    const document = newDocument();
    await store.upsert(space, tenantId, [point(document.documentId, 1, 0, { grants: ['group:finance'] })]);
    await store.makeLive(space, document, 1, carried({ grants: ['group:finance'] }));
    expect(await versionsFound()).toEqual([]);
    expect(await versionsFound(scope({ groups: ['finance'] }))).toEqual([1]);
    await store.updateDocument(document, carried({ revision: 1, documentName: 'Renamed.pdf' }));
    const { sparse } = await store.search(space, scope(), question());
    expect(sparse[0]?.passage).toMatchObject({ grants: ['tenant'], documentName: 'Renamed.pdf' });
    await store.updateDocument(document, carried({ revision: 2, grants: [] }));
    expect(await versionsFound()).toEqual([]);
  });

  it('leaves out what is withheld, whatever its chunks carry', async () => {
    const [withheld, other] = [newDocument(), newDocument()];
    for (const document of [withheld, other]) {
      await store.upsert(space, tenantId, [point(document.documentId, 1, 0)]);
      await store.makeLive(space, document, 1, carried());
    }
    const within = scope({}, { ...NO_CONTENT, withheld: { [withheld.documentId]: 1 } });
    const { dense } = await store.search(space, within, { ...question(), limit: 100 });
    const found = dense.map(({ passage }) => passage.documentId);
    expect([found.includes(withheld.documentId), found.includes(other.documentId)]).toEqual([false, true]);
    const ids = [withheld, other].map(({ documentId }) => point(documentId, 1, 0).id);
    expect([...(await store.findable(space, within, ids))]).toEqual(ids.slice(1));
  });

  it('tells how many chunks carry something else than they should', async () => {
    const document = newDocument();
    const stored = [
      point(document.documentId, 1, 0),
      point(document.documentId, 1, 1, { grants: ['user:a', 'user:b'] }),
    ];
    await store.upsert(space, tenantId, stored);
    const unaligned = (change: Partial<Carried>) => store.countUnaligned(document, carried(change));
    expect(await unaligned({})).toBe(1);
    expect(await unaligned({ grants: ['user:b', 'user:a'] })).toBe(1);
    expect(await unaligned({ grants: ['user:a'] })).toBe(2);
    expect(await unaligned({ grants: [] })).toBe(2);
    expect(await unaligned({ documentName: 'Renamed.pdf' })).toBe(2);
    expect(await unaligned({ revision: 1 })).toBe(2);
    await store.updateDocument(document, carried({ revision: 1, grants: [] }));
    expect(await unaligned({ revision: 1, grants: [] })).toBe(0);
  });

  it('never lets what was taken from an older record replace, or go live beside, what is from a newer one', async () => {
    const document = newDocument();
    const [older, newer] = [carried({ revision: 1 }), carried({ revision: 2, grants: ['role:Auditor'] })];
    const nobodyElse = async () => expect(await versionsFound()).toEqual([]);
    await store.upsert(space, tenantId, [
      point(document.documentId, 1, 0, older),
      point(document.documentId, 1, 1, older),
    ]);
    await store.updateDocument(document, newer);
    await store.upsert(space, tenantId, [point(document.documentId, 1, 0, older)]);
    await store.updateDocument(document, older);
    expect(await store.countUnaligned(document, newer)).toBe(0);
    await store.makeLive(space, document, 1, older);
    await nobodyElse();
    expect(await versionsFound(scope({ roles: ['Auditor'] }))).toEqual([]);
    await store.makeLive(space, document, 1, newer);
    await store.makeLive(space, document, 1, older);
    await nobodyElse();
    expect(await versionsFound(scope({ roles: ['Auditor'] }))).toEqual([1, 1]);
    const newest = carried({ revision: 3, grants: ['role:KnowledgeManager'] });
    await store.upsert(space, tenantId, [point(document.documentId, 2, 0, older)]);
    await store.updateDocument(document, newest);
    await store.upsert(space, tenantId, [point(document.documentId, 2, 0, newer)]);
    await store.makeLive(space, document, 2, newer);
    await nobodyElse();
    expect(await versionsFound(scope({ roles: ['Auditor'] }))).toEqual([]);
    expect(await versionsFound(scope({ roles: ['KnowledgeManager'] }))).toEqual([1, 1]);
    await store.makeLive(space, document, 2, newest);
    expect(await versionsFound(scope({ roles: ['KnowledgeManager'] }))).toEqual([2]);
  });

  it('aligns chunks from before there were revisions', async () => {
    const document = newDocument();
    const { revision, ...old } = point(document.documentId, 1, 0);
    await store.upsert(space, tenantId, [old as ChunkPoint]);
    expect(await store.countUnaligned(document, carried())).toBe(1);
    await store.makeLive(space, document, 1, carried());
    expect(await store.countUnaligned(document, carried())).toBe(0);
    expect(await versionsFound()).toEqual([1]);
  });

  it('never answers one tenant with the passages of another', async () => {
    const document = newDocument();
    await store.upsert(space, tenantId, [point(document.documentId, 1, 0)]);
    await store.makeLive(space, document, 1, carried());
    expect(await versionsFound(scope({ tenantId: 'ten_other' }))).toEqual([]);
  });

  it('removes a version, a document and a knowledge base', async () => {
    const document = newDocument();
    const another = newDocument();
    const stored = [
      point(document.documentId, 1, 0),
      point(document.documentId, 2, 0),
      point(another.documentId, 1, 0),
    ];
    await store.upsert(space, tenantId, stored);
    await store.removeVersion(document, 1);
    expect(await store.countDocument(document)).toBe(1);
    await store.removeDocument(document);
    expect(await store.countDocument(document)).toBe(0);
    expect(await store.countDocument(another)).toBe(1);
    await store.removeKnowledgeBase(another);
    expect(await store.countDocument(another)).toBe(0);
  });

  it('says so when the vectors have another length than the collection', async () => {
    const other = createQdrantVectorStore({ url: emulator.url, apiKey: undefined });
    const written = other.upsert({ ...space, dimensions: 8 }, tenantId, [point('doc_x', 1, 0)]);
    await expect(written).rejects.toMatchObject({
      message: expect.stringContaining('AZURE_OPENAI_EMBEDDING_DIMENSIONS'),
    });
  });
});

const quick = { ...QDRANT_LIMITS, firstDelay: 1 };
const scriptedStore = (limits = quick) => createQdrantVectorStore({ url: scripted.url, apiKey: 'secret' }, limits);
const emptyResult = json(200, { result: [{ points: [] }, { points: [] }], status: 'ok', time: 0 });

describe('a request to Qdrant', () => {
  it('is one for a search, filtered by tenant, knowledge base, grant and liveness', async () => {
    scripted.answer(emptyResult);
    await scriptedStore().search(space, scope(), question());
    expect(scripted.requests).toMatchObject([{ path: '/collections/chunks-local-hash-v1/points/query/batch' }]);
    expect(scripted.requests[0]?.headers['api-key']).toBe('secret');
    const { searches } = JSON.parse(scripted.requests[0]?.body ?? '');
    const { grants } = scope();
    const must = [
      { key: 'tenant_id', match: { value: tenantId } },
      { key: 'knowledge_base_id', match: { any: [knowledgeBaseId] } },
      { key: 'grants', match: { any: grants } },
      { key: 'live', match: { value: true } },
    ];
    expect(searches).toMatchObject([
      { using: 'dense', filter: { must } },
      { using: 'text', filter: { must } },
    ]);
  });

  it('leaves the sparse part out when the question has no words', async () => {
    scripted.answer(emptyResult);
    await scriptedStore().search(space, scope(), { ...question(), sparse: { indices: [], values: [] } });
    expect(JSON.parse(scripted.requests[0]?.body ?? '').searches).toMatchObject([{ using: 'dense' }]);
  });

  it('is not sent for a scope that sees nothing, and never without a tenant', async () => {
    scripted.answer(emptyResult);
    const nothing = { ...scope(), knowledgeBaseIds: [] };
    expect(await scriptedStore().search(space, nothing, question())).toEqual({ dense: [], sparse: [] });
    const forced = { ...scope(), tenantId: undefined } as unknown as SearchScope;
    await expect(scriptedStore().search(space, forced, question())).rejects.toMatchObject({ code: 'internal' });
    await expect(scriptedStore().removeDocument({ tenantId, knowledgeBaseId, documentId: '' })).rejects.toThrow();
    expect(scripted.requests).toEqual([]);
  });

  it('cannot be written without a checked scope', () => {
    expectTypeOf<VectorStore['search']>().parameter(1).toEqualTypeOf<SearchScope>();
    // @ts-expect-error a scope comes from searchScope(), not from whoever asks
    const unchecked: SearchScope = { tenantId, knowledgeBaseIds: [knowledgeBaseId], grants: ['tenant'] };
    // @ts-expect-error no search without a scope
    const search: (store: VectorStore) => unknown = (untold) => untold.search(space, question());
    expect([unchecked, search]).toHaveLength(2);
  });

  it('reads the chunks of a document only in a checked scope, and none of another one', async () => {
    // @ts-expect-error a scope comes from documentScope(), not from whoever asks
    const unchecked: DocumentScope = { tenantId, knowledgeBaseId, documentId: 'doc_1' };
    const range = { version: 1, by: 'index', from: 0, to: 9 } as const;
    const payload = { tenant_id: tenantId, knowledge_base_id: knowledgeBaseId, document_id: 'doc_1', index: 0 };
    const foreign = [{ tenant_id: 'ten_other' }, { knowledge_base_id: 'kb_other' }, { document_id: 'doc_2' }];
    const points = [{}, ...foreign].map((change, id) => ({ id, payload: { ...payload, ...change } }));
    scripted.answer(json(200, { result: { points }, status: 'ok', time: 0 }));
    const found = await scriptedStore().chunksOf(space, unchecked, range);
    expect(found.map(({ id }) => id)).toEqual(['0']);
    const { filter } = JSON.parse(scripted.requests[0]?.body ?? '');
    expect(filter.must.map(({ key }: { key: string }) => key)).toEqual([
      ...['tenant_id', 'knowledge_base_id', 'document_id', 'version', 'index'],
    ]);
    const nobody = { ...unchecked, tenantId: undefined } as unknown as DocumentScope;
    await expect(scriptedStore().chunksOf(space, nobody, range)).rejects.toMatchObject({ code: 'internal' });
    const question = { dense: [1], sparse: { indices: [], values: [] }, terms: [] };
    await expect(scriptedStore().scoreChunks(space, nobody, range, question)).rejects.toMatchObject({
      code: 'internal',
    });
  });

  it('drops a hit that the filter should have kept out', async () => {
    const payload = {
      tenant_id: tenantId,
      knowledge_base_id: knowledgeBaseId,
      document_id: 'doc_1',
      version: 1,
      live: true,
      text: 'passage',
      grants: ['tenant'],
    };
    const within = scope({}, { ...NO_CONTENT, withheld: { doc_withheld: 1 } });
    const foreign = [
      { document_id: 'doc_withheld' },
      { tenant_id: 'ten_other' },
      { grants: ['user:x'] },
      { live: false },
      { knowledge_base_id: 'kb_x' },
    ];
    const points = [{}, ...foreign].map((change, id) => ({ id, score: 1, payload: { ...payload, ...change } }));
    scripted.answer(json(200, { result: [{ points }], status: 'ok', time: 0 }));
    const { dense } = await scriptedStore().search(space, within, question());
    expect(dense.map((hit) => hit.id)).toEqual(['0']);
  });

  it('is tried three times while Qdrant is overloaded, and once when it is wrong', async () => {
    scripted.answer(json(503, { status: { error: 'busy' } }));
    const busy = scriptedStore().search(space, scope(), question());
    await expect(busy).rejects.toMatchObject({ code: 'dependency_unavailable', retryAfterSeconds: 5 });
    expect(scripted.requests).toHaveLength(3);
    scripted.answer(json(503, {}), emptyResult);
    expect(await scriptedStore().search(space, scope(), question())).toEqual({ dense: [], sparse: [] });
    scripted.answer(json(400, { status: { error: 'Wrong input: vector' } }));
    const wrong = scriptedStore().search(space, scope(), question());
    await expect(wrong).rejects.toMatchObject({ code: 'internal', message: expect.stringContaining('Wrong input') });
    expect(scripted.requests).toHaveLength(1);
  });

  it('is tried again when its connection is cut, before an answer or within it', async () => {
    scripted.answer((response) => void response.destroy(), emptyResult);
    expect(await scriptedStore().search(space, scope(), question())).toEqual({ dense: [], sparse: [] });
    expect(scripted.requests).toHaveLength(2);
    scripted.answer((response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 });
      response.write('{"result":', () => response.destroy());
    }, emptyResult);
    expect(await scriptedStore().search(space, scope(), question())).toEqual({ dense: [], sparse: [] });
    expect(scripted.requests).toHaveLength(2);
  });

  it('fails typed when a proxy answers in its place', async () => {
    scripted.answer((response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'));
    const search = scriptedStore().search(space, scope(), question());
    await expect(search).rejects.toMatchObject({ code: 'dependency_unavailable' });
  });

  it('fails typed and once when Qdrant does not answer in time', async () => {
    scripted.answer(() => undefined);
    const late = scriptedStore({ ...quick, requestTimeout: 50 }).search(space, scope(), question());
    await expect(late).rejects.toMatchObject({ code: 'dependency_unavailable' });
    expect(scripted.requests).toHaveLength(1);
  });

  it('names Qdrant when nothing listens there', async () => {
    const gone = await startScriptedServer();
    await gone.stop();
    const nowhere = { url: gone.url, apiKey: undefined };
    const search = createQdrantVectorStore(nowhere, quick).search(space, scope(), question());
    await expect(search).rejects.toMatchObject({
      code: 'dependency_unavailable',
      message: expect.stringContaining('Qdrant'),
    });
    const check = createQdrantDependency(nowhere).check(AbortSignal.timeout(1_000));
    await expect(check).rejects.toMatchObject({ code: 'dependency_unavailable' });
    await createQdrantDependency({ url: emulator.url, apiKey: undefined }).check(AbortSignal.timeout(1_000));
  });
});
