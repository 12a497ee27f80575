import { appendFile, cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QdrantClient } from '@qdrant/js-client-rest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Emulator } from '../../local/emulators/emulator.ts';
import { startQdrant } from '../../local/emulators/qdrant/server.ts';

const NAME = 'kept';
let folder: string;
let running: Emulator[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'qdrant-persistence-'));
  running = [];
});

afterEach(async () => {
  for (const emulator of running) await emulator.stop();
  await rm(folder, { recursive: true });
});

async function start(directory: string): Promise<{ emulator: Emulator; client: QdrantClient }> {
  const emulator = await startQdrant({ port: 0, stateDirectory: join(folder, directory) });
  running.push(emulator);
  return { emulator, client: new QdrantClient({ url: emulator.url }) };
}

async function fill(client: QdrantClient): Promise<void> {
  await client.createCollection(NAME, {
    vectors: { dense: { size: 3, distance: 'Cosine' } },
    sparse_vectors: { bm25: { modifier: 'idf' } },
  });
  await client.createPayloadIndex(NAME, { field_name: 'tenant_id', field_schema: 'keyword', wait: true });
  const vector = { dense: [0.1, 0.2, 0.3], bm25: { indices: [5], values: [0.7] } };
  await client.upsert(NAME, {
    points: [1, 2, 3].map((id) => ({ id, vector, payload: { tenant_id: 'a', live: false } })),
  });
  await client.setPayload(NAME, { payload: { live: true }, points: [1, 2] });
  await client.delete(NAME, { points: [2] });
  await client.updateCollectionAliases({ actions: [{ create_alias: { alias_name: 'now', collection_name: NAME } }] });
}

const everything = async (client: QdrantClient) => ({
  points: (await client.scroll('now', { with_vector: true })).points,
  schema: (await client.getCollection(NAME)).payload_schema,
  live: await client.count(NAME, { filter: { must: [{ key: 'live', match: { value: true } }] } }),
  sparse: (await client.query(NAME, { query: { indices: [5], values: [1] }, using: 'bm25' })).points.map(
    (p) => p.score,
  ),
});

/** What a killed process leaves behind: the files as they are while the server still runs. */
const copyAsIfKilled = (from: string, to: string) => cp(join(folder, from), join(folder, to), { recursive: true });

describe('the state directory', () => {
  it('holds every answered change although the server was never stopped', async () => {
    const { client } = await start('first');
    await fill(client);
    const before = await everything(client);
    await copyAsIfKilled('first', 'second');
    const after = await everything((await start('second')).client);
    expect(after).toEqual(before);
    expect(after.points.map(({ id }) => id)).toEqual([1, 3]);
  });

  it('forgets a change that was cut off in the middle of its line, and goes on', async () => {
    const { client } = await start('first');
    await fill(client);
    await copyAsIfKilled('first', 'second');
    const [log = ''] = (await readdir(join(folder, 'second'))).filter((file) => file.startsWith(NAME));
    await appendFile(join(folder, 'second', log), '{"kind":"upsert","points":[{"id":9,"vec');
    const { client: again } = await start('second');
    expect(await everything(again)).toEqual(await everything(client));
    await again.upsert(NAME, { points: [{ id: 10, vector: {} }] });
    await copyAsIfKilled('second', 'third');
    expect((await (await start('third')).client.count(NAME)).count).toBe(3);
  });

  it('is the same after a stop, which may be asked for twice', async () => {
    const { emulator, client } = await start('first');
    await fill(client);
    const before = await everything(client);
    await Promise.all([emulator.stop(), emulator.stop()]);
    const { client: again } = await start('first');
    expect(await everything(again)).toEqual(before);
    await again.deleteCollection(NAME);
    await copyAsIfKilled('first', 'second');
    expect((await (await start('second')).client.getCollections()).collections).toEqual([]);
  });
});

describe('a body of more than 32 MB', () => {
  it('is refused with 413, and the connection can be used again', async () => {
    const { emulator, client } = await start('first');
    await fill(client);
    const body = JSON.stringify({ ids: [], filler: 'x'.repeat(33 * 1024 * 1024) });
    const response = await fetch(`${emulator.url}/collections/${NAME}/points`, { method: 'POST', body });
    expect(response.status).toBe(413);
    expect((await client.count(NAME)).count).toBe(2);
  });
});
