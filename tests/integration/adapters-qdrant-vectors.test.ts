import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v5 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Emulator } from '../../local/emulators/emulator.ts';
import { startQdrant } from '../../local/emulators/qdrant/server.ts';
import { createQdrantVectorStore } from '../../shared/adapters/qdrant/vector-store.ts';
import type { ChunkPoint, VectorStore } from '../../shared/knowledge/vector-store.ts';
import { json, type ScriptedServer, startScriptedServer } from './scripted-server.ts';

const MEGABYTE = 1024 * 1024;
const space = { model: 'hash', dimensions: 4 };
const tenantId = 'ten_01JD3Q5V4M8K2N6P9R1S7T0W3X';
const stateDirectory = mkdtempSync(join(tmpdir(), 'qdrant-'));
let emulator: Emulator;
let scripted: ScriptedServer;
let store: VectorStore;

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

function point(
  documentId: string,
  index: number,
  contentHash: string,
  change: { dense?: number[]; text?: string } = {},
) {
  const { dense = [0, 1, 0, 0], text = 'text' } = change;
  const place = {
    page: null,
    start: 0,
    end: 1,
    headingPath: [],
    tableHeader: null,
    surroundings: null,
    grants: ['tenant'],
  };
  const passage = { ...place, knowledgeBaseId: 'kb_1', documentId, documentName: 'a.md', version: 1, index, text };
  const id = v5(`${documentId}/${index}`, v5.URL);
  return { id, dense, sparse: { indices: [7], values: [1] }, contentHash, passage, revision: 1 } satisfies ChunkPoint;
}

describe('vectors by content', () => {
  it('are found in one request, also before their version is live, and only those of the tenant', async () => {
    const points = [point('doc_1', 0, 'a'), point('doc_1', 1, 'b', { dense: [0, 0, 1, 0] }), point('doc_1', 2, 'a')];
    await store.upsert(space, tenantId, points);
    await store.upsert(space, 'ten_other', [point('doc_2', 0, 'theirs')]);
    const found = await store.vectorsOf(space, tenantId, ['a', 'b', 'theirs', 'unknown']);
    expect(found).toEqual(
      new Map([
        ['a', [0, 1, 0, 0]],
        ['b', [0, 0, 1, 0]],
      ]),
    );
    expect(await store.vectorsOf({ ...space, model: 'another' }, tenantId, ['a'])).toEqual(new Map());
  });

  it('are gone with the last chunk that has the content', async () => {
    const [first, second] = ['doc_3', 'doc_4'].map((documentId) => ({ tenantId, knowledgeBaseId: 'kb_1', documentId }));
    if (!first || !second) throw new Error('Two documents.');
    for (const { documentId } of [first, second]) await store.upsert(space, tenantId, [point(documentId, 0, 'shared')]);
    await store.removeDocument(first);
    expect((await store.vectorsOf(space, tenantId, ['shared'])).size).toBe(1);
    await store.removeDocument(second);
    expect((await store.vectorsOf(space, tenantId, ['shared'])).size).toBe(0);
  });

  it('cannot be asked for without a tenant, and are dropped when they come from another', async () => {
    const described = { config: { params: { vectors: { dense: { size: 4 } } } }, payload_schema: {} };
    const foreign = {
      id: 1,
      score: 1,
      payload: { tenant_id: 'ten_other', content_hash: 'a' },
      vector: { dense: [1, 0, 0, 0] },
    };
    scripted.answer(json(500, {}));
    const strict = createQdrantVectorStore({ url: scripted.url, apiKey: undefined });
    await expect(strict.vectorsOf(space, '', ['a'])).rejects.toMatchObject({ code: 'internal' });
    expect(scripted.requests).toEqual([]);
    scripted.answer((response, request) => {
      const isQuery = request.path.endsWith('/points/query/batch');
      return json(200, { result: isQuery ? [{ points: [foreign] }] : request.method === 'GET' ? described : true })(
        response,
        request,
      );
    });
    expect(await strict.vectorsOf(space, tenantId, ['a'])).toEqual(new Map());
  });
});

describe('an upsert', () => {
  it('is parted so that no request is larger than 16 MB or has more than 128 points', async () => {
    const described = { config: { params: { vectors: { dense: { size: 1_024 } } } }, payload_schema: {} };
    scripted.answer((response, request) =>
      json(200, { result: request.method === 'GET' ? described : true })(response, request),
    );
    const dense = Array.from({ length: 1_024 }, (_, index) => Math.fround(Math.sin(index)));
    const small = Array.from({ length: 300 }, (_, index) => point('doc_5', index, `${index}`, { dense }));
    // What JSON escapes is six times as long as a character.
    const large = Array.from({ length: 6 }, (_, index) =>
      point('doc_6', index, `${index}`, { text: '\u0001'.repeat(MEGABYTE) }),
    );
    const strict = createQdrantVectorStore({ url: scripted.url, apiKey: undefined });
    const wide = { model: 'wide', dimensions: 1_024 };
    await strict.upsert(wide, tenantId, small);
    await strict.upsert(wide, tenantId, large);
    const upserts = scripted.requests.filter(({ method, path }) => method === 'PUT' && path.includes('/points?'));
    const counts = upserts.map(({ body }) => (JSON.parse(body) as { points: unknown[] }).points.length);
    expect(counts).toEqual([128, 128, 44, 2, 2, 2]);
    for (const { body } of upserts) expect(Buffer.byteLength(body)).toBeLessThan(16 * MEGABYTE);
  });
});
