import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KnowledgeDocument } from '../../shared/contracts/documents.ts';
import { word } from './support/document-pipeline.ts';
import { eventually, stack } from './support/platform.ts';
import { paragraphs, smallChunks } from './support/stores.ts';
import { NEW, OLD, startTwoModels, type TwoModels } from './support/two-models.ts';

const CHUNKS = 80;
const execute = promisify(execFile);

interface OldKnowledge {
  readonly id: string;
  readonly marker: string;
  readonly documents: readonly KnowledgeDocument[];
}

let platform: TwoModels;
let indexed: OldKnowledge[];

/** So many knowledge bases of two documents each are indexed by the old model, which then gives way to the new one. */
const KNOWLEDGE_BASES = 7;

beforeAll(async () => {
  platform = await startTwoModels();
});
beforeAll(async () => {
  const prepare = async (): Promise<OldKnowledge> => {
    const marker = word();
    const { id, embeddingModel } = await platform.newKnowledgeBase();
    expect(embeddingModel).toBe(OLD);
    const texts = [paragraphs(CHUNKS, marker), paragraphs(3, `${marker} in short`)];
    return { id, marker, documents: await Promise.all(texts.map((text) => platform.ready(id, text))) };
  };
  indexed = await Promise.all(Array.from({ length: KNOWLEDGE_BASES }, prepare));
});
beforeAll(() => platform.offer(NEW, OLD));
afterAll(() => platform.app.stop());

/** One that no other test has. */
function indexedByOldModel() {
  const { id, marker, documents } = indexed.pop() ?? {};
  const [long, short] = documents ?? [];
  if (!id || !marker || !long || !short) throw new Error(`There are only ${KNOWLEDGE_BASES}.`);
  return { id, marker, long, short };
}

const sweep = (id: string) =>
  platform.app.stores.send('knowledge-reindex', {
    ...{ tenantId: platform.tenant.id, knowledgeBaseId: id, startedAt: new Date().toISOString() },
    step: { kind: 'sweep' },
  });

describe('after another model was made the one that indexes', () => {
  it('knowledge bases answer from where they are, also together with new ones', async () => {
    const { id, marker } = indexedByOldModel();
    const fresh = word();
    const another = await platform.newKnowledgeBase();
    expect(another).toMatchObject({ embeddingModel: NEW, reindex: null });
    await platform.ready(another.id, paragraphs(3, fresh));

    expect(await platform.search(`about ${marker}`, id)).toHaveLength(50);
    const question = `about ${marker} and ${fresh} in short`;
    const found = await platform.search(question, id, another.id);
    expect(new Set(found.slice(0, 6).map(({ knowledgeBaseId }) => knowledgeBaseId))).toEqual(new Set([id, another.id]));
    // Once for each of the two models, and for none a second time.
    expect(platform.app.embeddings.embedded(question)).toHaveLength(2);
  });
});

describe('a move to another model', () => {
  it('answers all the time, takes in what comes meanwhile, and leaves nothing behind', async () => {
    const { id, marker, long, short } = indexedByOldModel();
    const [changed, removed, added] = [word(), word(), word()];
    const deleted = await platform.ready(id, paragraphs(3, removed));
    const replaced = await platform.ready(id, paragraphs(3, changed));
    const hold = platform.app.embeddings.hold(`${marker} in short`);

    expect(await platform.reindex(id)).toMatchObject({
      status: 202,
      body: { embeddingModel: OLD, reindex: { model: NEW, documents: 4, done: 0 } },
    });
    let searching = true;
    let searches = 0;
    const seen = (async () => {
      while (searching) {
        const all = await platform.search(`about ${marker}`, id);
        expect(all).toHaveLength(50);
        // The other documents have no more than eight chunks in all.
        expect(all.filter(({ text }) => text.includes(marker)).length).toBeGreaterThan(41);
        const versions = (await platform.search(`about ${changed}`, id)).filter(({ text }) => text.includes(changed));
        // While a version replaces another, only the newer one counts, as far as it is seen.
        expect(versions).not.toHaveLength(0);
        expect(new Set(versions.map(({ version }) => version)).size).toBe(1);
        searches += 1;
      }
    })();
    // Looked at in the end.
    seen.catch(() => undefined);
    await hold.arrived;
    await eventually(async () => ((await platform.find(id)).reindex?.done === 3 ? true : undefined));
    const second = await platform.ready(id, paragraphs(3, changed), replaced);
    expect(second).toMatchObject({ status: 'ready', liveVersion: 2 });
    const extra = await platform.ready(id, paragraphs(2, added));
    const path = `/api/v1/knowledge-bases/${id}/documents/${deleted.id}`;
    expect((await platform.keeper.call('DELETE', path)).status).toBe(202);
    expect((await platform.find(id)).embeddingModel).toBe(OLD);
    hold.release();

    expect(await platform.moved(id)).toMatchObject({ embeddingModel: NEW, reindex: null });
    expect((await platform.search(`about ${added}`, id)).some(({ text }) => text.includes(added))).toBe(true);
    expect((await platform.search(`about ${removed}`, id)).some(({ text }) => text.includes(removed))).toBe(false);
    searching = false;
    await seen;
    expect(searches).toBeGreaterThan(3);
    expect((await platform.vectors(long, NEW)).filter(({ live }) => live)).toHaveLength(CHUNKS);
    const versions = (await platform.vectors(second, NEW)).map(({ version, live }) => `${version} ${live}`);
    expect(versions).toEqual(['2 true', '2 true', '2 true']);
    expect(await platform.vectors(extra, NEW)).toHaveLength(2);

    // What is searched by who read before the switch stays for a while.
    expect(await platform.vectors(short, OLD)).toHaveLength(3);
    await sweep(id);
    await eventually(async () => ((await platform.vectors(short, OLD)).length === 0 ? true : undefined));
    expect(await platform.vectors(short, NEW)).toHaveLength(3);
    expect(await platform.vectors(deleted, OLD)).toEqual([]);
    expect(await platform.vectors(deleted, NEW)).toEqual([]);
    expect((await platform.reindex(id)).status).toBe(409);
  });

  it('goes on after a crash, and does not embed again what was stored', async () => {
    const { id, marker, long, short } = indexedByOldModel();
    const before = platform.app.embeddings.embedded(marker).length;
    const hold = platform.app.embeddings.hold(`Paragraph 79 about ${marker}:`);
    await platform.reindex(id);
    await hold.arrived;
    await platform.app.crash();
    hold.release();
    await platform.moved(id);
    for (const document of [long, short]) {
      const vectors = await platform.vectors(document, NEW);
      expect(vectors.filter(({ live }) => live)).toHaveLength(document.chunkCount ?? 0);
    }
    const again = platform.app.embeddings.embedded(marker).slice(before);
    expect(new Set(again).size).toBe(before);
    // The request that the crash cut off may be repeated.
    expect(again.filter((text) => text.includes(`Paragraph 0 about ${marker}:`))).toHaveLength(1);
  });

  it('is started twice without harm, and each step may come again', async () => {
    const { id, marker, short } = indexedByOldModel();
    const first = await platform.reindex(id);
    await platform.reindex(id);
    await platform.moved(id);
    const message = { tenantId: platform.tenant.id, knowledgeBaseId: id, startedAt: first.body.reindex?.startedAt };
    await platform.app.stores.send(
      'knowledge-reindex',
      { ...message, step: { kind: 'plan', after: '' } },
      { ...message, step: { kind: 'document', documentId: short.id, version: 1, batch: 0 } },
      { ...message, step: { kind: 'check', done: 0, stalled: 0 } },
      { ...message, step: { kind: 'sweep' } },
    );
    await eventually(async () => ((await platform.vectors(short, OLD)).length === 0 ? true : undefined));
    expect(await platform.vectors(short, NEW)).toHaveLength(3);
    expect(await platform.search(`about ${marker}`, id)).toHaveLength(50);
  });

  it('is started by npm run reindex, which tells how far it is', async () => {
    const { id, marker } = indexedByOldModel();
    const env = { ...process.env, ...stack.env, ...platform.app.env };
    const command = ['infra/reindex.ts', '--tenant', platform.tenant.id, '--knowledge-base', id];
    const { stdout } = await execute('node', command, { env });
    expect(stdout).toMatch(new RegExp(`^${id} .*: from ${OLD} to ${NEW}\n1 to move\n[^]*${id}: done\n$`));
    expect(await platform.find(id)).toMatchObject({ embeddingModel: NEW, reindex: null });
    expect((await execute('node', command, { env })).stdout).toBe('0 to move\n');
    expect(await platform.search(`about ${marker}`, id)).toHaveLength(50);
  });

  it('ends with its knowledge base, which leaves nothing in either space', async () => {
    const { id, marker, short } = indexedByOldModel();
    const hold = platform.app.embeddings.hold(`${marker} in short`);
    await platform.reindex(id);
    await hold.arrived;
    expect((await platform.keeper.call('DELETE', `/api/v1/knowledge-bases/${id}`)).status).toBe(202);
    await platform.app.quiet();
    hold.release();
    await eventually(async () => {
      const left = [...(await platform.vectors(short, OLD)), ...(await platform.vectors(short, NEW))];
      return left.length === 0 ? true : undefined;
    });
  });
});

describe('a knowledge base whose chunking was changed', () => {
  it('has its files processed again where it is, and answers from the old chunks until then', async () => {
    const marker = word();
    const { id } = await platform.newKnowledgeBase();
    const first = await platform.ready(id, paragraphs(8, marker));
    expect(first).toMatchObject({ version: 1, chunkCount: 8 });
    const path = `/api/v1/knowledge-bases/${id}`;
    await platform.keeper.must('PATCH', path, { chunking: { ...smallChunks, maxTokens: 130 } });

    expect(await platform.reindex(id, '?force=true')).toMatchObject({ status: 202, body: { reindex: null } });
    const again = await eventually(async () => {
      expect(await platform.search(`about ${marker}`, id)).not.toHaveLength(0);
      const document = await platform.keeper.must<KnowledgeDocument>('GET', `${path}/documents/${first.id}`);
      return document.liveVersion === 2 ? document : undefined;
    });
    expect(again).toMatchObject({ status: 'ready', version: 2, chunkCount: 4 });
    expect((await platform.vectors(again, NEW)).map(({ version }) => version)).toEqual([2, 2, 2, 2]);
  });
});

describe('a knowledge base whose model the platform does not offer any more', () => {
  it('says what to do, and can still be moved', async () => {
    const { id, marker } = indexedByOldModel();
    await platform.offer(NEW);
    const body = { query: `about ${marker}`, knowledgeBaseIds: [id] };
    const refused = await platform.keeper.call('POST', '/api/v1/query', body);
    expect(refused).toMatchObject({ status: 503, body: { code: 'dependency_unavailable', details: { model: OLD } } });
    expect(JSON.stringify(refused.body)).toContain('npm run reindex');
    expect(await platform.ready(id, 'A new document.')).toMatchObject({
      status: 'failed',
      error: { code: 'embedding-model-missing', reason: expect.stringContaining(OLD) },
    });
    expect((await platform.reindex(id)).status).toBe(202);
    await platform.moved(id);
    expect(await platform.search(`about ${marker}`, id)).toHaveLength(50);
  });
});
