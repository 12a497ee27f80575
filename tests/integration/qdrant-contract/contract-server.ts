import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QdrantClient } from '@qdrant/js-client-rest';
import { startQdrant } from '../../../local/emulators/qdrant/server.ts';

/** A UUID among the ids of `library`. */
export const UUID = '5c56c793-69f3-4fbf-87e6-c4bf54c28c26';

/** A refused request's HTTP status and error text. */
export interface Refusal {
  readonly status: number;
  readonly error: string;
}

/** The server under contract: a real Qdrant at QDRANT_URL, or our own. */
export interface ContractServer {
  readonly client: QdrantClient;
  /** A collection name of this run, deleted at its end. */
  newName(): string;
  /** A new collection of four documents of two tenants, `a` and `b`. */
  library(): Promise<string>;
  /** Sends a wrong request past the client's types. */
  refusal(method: string, path: string, body: unknown): Promise<Refusal>;
  stop(): Promise<void>;
}

/** Connects to QDRANT_URL, or starts our own server when it is not set. */
export async function openContractServer(): Promise<ContractServer> {
  const stateDirectory = await mkdtemp(join(tmpdir(), 'qdrant-contract-'));
  const emulator = process.env.QDRANT_URL ? undefined : await startQdrant({ port: 0, stateDirectory });
  const url = process.env.QDRANT_URL ?? emulator?.url ?? '';
  const client = new QdrantClient({ url });
  const names: string[] = [];
  const newName = (): string => {
    const name = `contract-${randomUUID()}`;
    names.push(name);
    return name;
  };
  return {
    client,
    newName,
    async library() {
      const name = newName();
      await fillLibrary(client, name);
      return name;
    },
    refusal: (method, path, body) => readRefusal(method, url + path, body),
    async stop() {
      for (const name of names) await client.deleteCollection(name);
      await emulator?.stop();
      await rm(stateDirectory, { recursive: true });
    },
  };
}

async function readRefusal(method: string, address: string, body: unknown): Promise<Refusal> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(address, { method, headers: { 'content-type': 'application/json' }, body: text });
  const answer = (await response.json()) as { status: { error: string } };
  return { status: response.status, error: answer.status.error };
}

async function fillLibrary(client: QdrantClient, name: string): Promise<void> {
  await client.createCollection(name, {
    vectors: { dense: { size: 4, distance: 'Cosine' } },
    sparse_vectors: { bm25: { modifier: 'idf' } },
  });
  await client.createPayloadIndex(name, {
    field_name: 'tenant_id',
    field_schema: { type: 'keyword', is_tenant: true },
    wait: true,
  });
  await client.upsert(name, {
    wait: true,
    points: [
      {
        id: 1,
        vector: { dense: [1, 0, 0, 0], bm25: { indices: [7, 3], values: [1, 2] } },
        payload: {
          tenant_id: 'a',
          live: true,
          page: 1,
          tags: ['x', 'y'],
          text: 'The Quick brown fox',
          at: '2026-01-01T00:00:00Z',
        },
      },
      {
        id: 2,
        vector: { dense: [3, 4, 0, 0], bm25: { indices: [3], values: [1] } },
        payload: { tenant_id: 'a', live: false, page: 2, tags: [], text: 'a lazy dog', at: '2026-02-01T00:00:00Z' },
      },
      { id: 3, vector: { dense: [0, 1, 0, 0] }, payload: { tenant_id: 'b', live: true, page: 3, owner: null } },
      {
        id: UUID,
        vector: { dense: [0, 0, 1, 0], bm25: { indices: [9], values: [5] } },
        payload: {
          tenant_id: 'b',
          live: true,
          page: 4.5,
          meta: { lang: 'en' },
          access: [
            { group: 'staff', level: 1 },
            { group: 'board', level: 9 },
          ],
        },
      },
    ],
  });
}
