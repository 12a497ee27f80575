import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Container, CosmosClient, type Database } from '@azure/cosmos';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CosmosEmulator, startCosmos } from '../../local/emulators/cosmos/server.ts';

interface Item {
  id: string;
  tenantId: string;
  [field: string]: unknown;
}

const stateDirectory = mkdtempSync(join(tmpdir(), 'cosmos-'));
let emulator: CosmosEmulator;
let database: Database;
let flat: Container;
let hierarchical: Container;

async function connect(to: CosmosEmulator): Promise<Database> {
  const agent = new Agent({ ca: readFileSync(to.certificateAuthorityPath), keepAlive: true });
  const client = new CosmosClient({
    endpoint: to.url,
    key: to.key,
    agent,
    connectionPolicy: { enableEndpointDiscovery: false },
  });
  return (await client.databases.createIfNotExists({ id: 'platform' })).database;
}

beforeAll(async () => {
  emulator = await startCosmos({ port: 0, stateDirectory });
  database = await connect(emulator);
  const created = await database.containers.createIfNotExists({ id: 'flat', partitionKey: { paths: ['/tenantId'] } });
  flat = created.container;
  const paths = ['/tenantId', '/userId'];
  hierarchical = (await database.containers.createIfNotExists({ id: 'deep', partitionKey: { paths } })).container;
});

afterAll(async () => {
  await emulator.stop();
  rmSync(stateDirectory, { recursive: true, force: true });
});

function code(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'succeeded',
    (error: { code?: unknown }) => error.code,
  );
}

describe('points', () => {
  it('creates, reads, replaces and deletes a document in its partition', async () => {
    const { resource } = await flat.items.create<Item>({ id: 'point', tenantId: 'one', size: 1 });
    expect(resource).toMatchObject({ id: 'point', size: 1, _etag: expect.any(String), _ts: expect.any(Number) });
    const item = flat.item('point', 'one');
    await item.replace({ id: 'point', tenantId: 'one', size: 2 });
    expect((await item.read<Item>()).resource).toMatchObject({ size: 2, _rid: resource?._rid });
    await item.delete();
    expect((await item.read()).statusCode).toBe(404);
    expect(await code(item.delete())).toBe(404);
    expect(await code(item.replace({ id: 'point', tenantId: 'one' }))).toBe(404);
  });

  it('refuses a second document with the same id in one partition, and takes it in another', async () => {
    await flat.items.create<Item>({ id: 'twin', tenantId: 'one', name: 'first' });
    await flat.items.create<Item>({ id: 'twin', tenantId: 'two', name: 'second' });
    expect(await code(flat.items.create({ id: 'twin', tenantId: 'one' }))).toBe(409);
    expect((await flat.item('twin', 'one').read<Item>()).resource?.name).toBe('first');
    expect((await flat.item('twin', 'two').read<Item>()).resource?.name).toBe('second');
    expect((await flat.item('twin', 'three').read()).statusCode).toBe(404);
    await flat.item('twin', 'two').delete();
    expect((await flat.item('twin', 'one').read()).statusCode).toBe(200);
  });

  it('decides a race by ETag', async () => {
    const { etag } = await flat.items.upsert<Item>({ id: 'race', tenantId: 'one', n: 0 });
    const accessCondition = { type: 'IfMatch', condition: etag };
    const write = (n: number) =>
      flat.item('race', 'one').replace({ id: 'race', tenantId: 'one', n }, { accessCondition });
    const outcomes = await Promise.all([code(write(1)), code(write(2))]);
    expect(outcomes.toSorted()).toEqual([412, 'succeeded']);
    expect(await code(flat.items.upsert({ id: 'race', tenantId: 'one' }, { accessCondition }))).toBe(412);
    expect(await code(flat.item('race', 'one').delete({ accessCondition }))).toBe(412);
  });

  it('tells users of one tenant apart by the second level of the key', async () => {
    for (const userId of ['ann', 'ben']) await hierarchical.items.create({ id: 'same', tenantId: 'one', userId });
    expect((await hierarchical.item('same', ['one', 'ben']).read<Item>()).resource?.userId).toBe('ben');
    expect((await hierarchical.item('same', ['two', 'ben']).read()).statusCode).toBe(404);
    expect(await code(hierarchical.items.create({ id: 'same', tenantId: 'one', userId: 'ann' }))).toBe(409);
  });
});

describe('patch', () => {
  it('keeps a counter under its limit whatever the number of writers', async () => {
    await flat.items.create<Item>({ id: 'Counter', tenantId: 'one', usedTokens: 0, maxTokens: 100 });
    const reserve = () =>
      flat.item('Counter', 'one').patch({
        condition: 'from c where c.usedTokens + 5 <= c.maxTokens',
        operations: [{ op: 'incr', path: '/usedTokens', value: 5 }],
      });
    const outcomes = await Promise.all(Array.from({ length: 30 }, () => code(reserve())));
    expect(outcomes.filter((outcome) => outcome === 'succeeded')).toHaveLength(20);
    expect(outcomes.filter((outcome) => outcome === 412)).toHaveLength(10);
    expect((await flat.item('Counter', 'one').read<Item>()).resource?.usedTokens).toBe(100);
  });

  it('judges the condition by the document that it patches, with the case of its strings', async () => {
    await flat.items.create<Item>({ id: 'p', tenantId: 'one', status: 'Open', tags: ['a'], old: 1 });
    await flat.items.create<Item>({ id: 'p', tenantId: 'two', status: 'Closed' });
    const operations = [
      { op: 'set' as const, path: '/status', value: 'Done' },
      { op: 'add' as const, path: '/tags/-', value: 'b' },
      { op: 'remove' as const, path: '/old' },
    ];
    expect(await code(flat.item('p', 'one').patch({ condition: "from c where c.status = 'Closed'", operations }))).toBe(
      412,
    );
    const { resource } = await flat.item('p', 'one').patch({ condition: "from c where c.status = 'Open'", operations });
    expect(resource).toMatchObject({ status: 'Done', tags: ['a', 'b'] });
    expect(resource).not.toHaveProperty('old');
    const stale = { accessCondition: { type: 'IfMatch', condition: 'stale' } };
    expect(await code(flat.item('p', 'one').patch(operations, stale))).toBe(412);
    expect(await code(flat.item('none', 'one').patch(operations))).toBe(404);
  });
});

describe('queries', () => {
  it('pages through one partition in order, without gaps while items change', async () => {
    for (let n = 0; n < 23; n += 1) {
      await flat.items.create({ id: `q${n}`, tenantId: 'paged', n, at: `t${Math.floor(n / 2)}` });
      await flat.items.create({ id: `q${n}`, tenantId: 'other', n });
    }
    for (const query of ['SELECT * FROM c ORDER BY c.at DESC', 'SELECT * FROM c']) {
      const seen: number[] = [];
      let continuationToken: string | undefined;
      do {
        const options = { partitionKey: 'paged', maxItemCount: 5, ...(continuationToken ? { continuationToken } : {}) };
        const page = await flat.items.query<Item>(query, options).fetchNext();
        expect(page.resources.length).toBeLessThanOrEqual(5);
        seen.push(...page.resources.map((item) => item.n as number));
        for (const item of page.resources) await flat.item(item.id, 'paged').replace({ ...item, seen: true });
        continuationToken = page.continuationToken;
      } while (continuationToken);
      expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 23 }, (_, n) => n));
    }
  });

  it('sees one partition, the partitions under a prefix, or all of them', async () => {
    const places = [
      ['t1', 'u1'],
      ['t1', 'u2'],
      ['t10', 'u1'],
      ['t2', 'u1'],
    ] as const;
    for (const [tenantId, userId] of places)
      await hierarchical.items.create({ id: 'x', tenantId, userId, kind: 'seen' });
    const find = async (partitionKey?: string[]) => {
      const options = partitionKey ? { partitionKey } : {};
      const query = 'SELECT VALUE CONCAT(c.tenantId, "/", c.userId) FROM c WHERE c.kind = "seen"';
      return (await hierarchical.items.query<string>(query, options).fetchAll()).resources.toSorted();
    };
    expect(await find(['t1', 'u1'])).toEqual(['t1/u1']);
    expect(await find(['t1'])).toEqual(['t1/u1', 't1/u2']);
    expect(await find(['t3'])).toEqual([]);
    expect(await find()).toHaveLength(4);
  });

  it('answers parameters, array and string functions, and aggregates', async () => {
    const partitionKey = 'functions';
    for (const [n, tag] of ['red', 'green', 'red'].entries()) {
      await flat.items.create({
        id: `doc_${n}`,
        tenantId: partitionKey,
        tags: [tag, 'all'],
        size: n + 1,
        Name: `Doc ${tag}`,
      });
    }
    const ask = async (query: string, parameters: { name: string; value: string | number | string[] }[] = []) =>
      (await flat.items.query({ query, parameters }, { partitionKey }).fetchAll()).resources;
    const red = [{ name: '@tag', value: 'red' }];
    expect(await ask('SELECT VALUE c.id FROM c WHERE ARRAY_CONTAINS(c.tags, @tag)', red)).toEqual(['doc_0', 'doc_2']);
    const tags = [{ name: '@tags', value: ['green', 'blue'] }];
    expect(await ask('SELECT VALUE c.id FROM c WHERE ARRAY_CONTAINS(@tags, c.tags[0])', tags)).toEqual(['doc_1']);
    expect(await ask('SELECT VALUE c.id FROM c WHERE STARTSWITH(c.Name, "Doc g")')).toEqual(['doc_1']);
    expect(await ask('SELECT VALUE COUNT(1) FROM c')).toEqual([3]);
    expect(await ask('SELECT VALUE SUM(c.size) FROM c WHERE c.size > 1')).toEqual([5]);
    expect(await ask('SELECT c.id, c.size FROM c WHERE c.size >= 2 ORDER BY c.size DESC')).toEqual([
      { id: 'doc_2', size: 3 },
      { id: 'doc_1', size: 2 },
    ]);
    expect(await code(ask('SELEKT nothing'))).toBe(400);
  });
});

describe('state', () => {
  it('is the same after a restart, system properties included, from what was written and not what was saved at exit', async () => {
    const { resource } = await flat.items.create<Item>({ id: 'kept', tenantId: 'one', n: 1 });
    await flat.items.create({ id: 'gone', tenantId: 'one' });
    await flat.item('gone', 'one').delete();
    const { resource: changed } = await hierarchical.items.upsert({ id: 'kept', tenantId: 'one', userId: 'ann', n: 2 });
    const copy = mkdtempSync(join(tmpdir(), 'cosmos-copy-'));
    cpSync(stateDirectory, copy, { recursive: true });
    const second = await startCosmos({ port: 0, stateDirectory: copy });
    try {
      const again = await connect(second);
      expect((await again.container('flat').item('kept', 'one').read()).resource).toEqual(resource);
      expect((await again.container('deep').item('kept', ['one', 'ann']).read()).resource).toEqual(changed);
      expect((await again.container('flat').item('gone', 'one').read()).statusCode).toBe(404);
      const created = await again.container('flat').items.create<Item>({ id: 'new', tenantId: 'one' });
      const rids = (await again.container('flat').items.query('SELECT VALUE c._rid FROM c').fetchAll()).resources;
      expect(new Set(rids).size).toBe(rids.length);
      expect(rids).toContain(created.resource?._rid);
    } finally {
      await second.stop();
      rmSync(copy, { recursive: true, force: true });
    }
  });

  it('forgets a deleted container', async () => {
    await database.containers.create({ id: 'short', partitionKey: { paths: ['/id'] } });
    await database.container('short').items.create({ id: 'a' });
    await database.container('short').delete();
    expect(await code(database.container('short').items.create({ id: 'b' }))).toBe(404);
  });

  it('refuses a document of over 2 MB', async () => {
    expect(await code(flat.items.create({ id: 'big', tenantId: 'one', text: 'x'.repeat(2_200_000) }))).toBe(413);
  });
});
