/**
 * Cosmos DB for NoSQL on one machine: `@vercel/cosmosdb-server` (databases, containers, query language, patch) with our
 * own partitions, persistence and certificate around it.
 *
 * Every change is in the state directory before it is answered, so it survives a `kill -9` (not a power cut).
 * Differences from Cosmos DB that matter:
 * - no TTL, OFFSET/LIMIT, GROUP BY, stored procedures, triggers, change feed, bulk or transactional batch;
 * - the key is not checked, every request costs 1 RU and nothing is ever throttled;
 * - there are no indexes: a query reads its whole partition (or, without a partition key, the whole container);
 * - patch may change the partition key's value, `If-None-Match` is ignored, and ETags have no quotes.
 */
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Emulator, EmulatorOptions } from '../emulator.ts';
import { openAccountStore } from './account-store.ts';
import { ensureCertificate } from './certificate.ts';
import { createRequestHandler } from './request-handler.ts';

export interface CosmosEmulator extends Emulator {
  readonly key: string;
  /** PEM file for `NODE_EXTRA_CA_CERTS`. */
  readonly certificateAuthorityPath: string;
}

/** The key that every Cosmos DB emulator is documented to have; it opens nothing else. */
const EMULATOR_KEY = 'C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==';
const KEEP_ALIVE_MS = 60_000;

/** Starts the emulator with the account that the state directory holds. */
export async function startCosmos({ port, stateDirectory }: EmulatorOptions): Promise<CosmosEmulator> {
  mkdirSync(stateDirectory, { recursive: true });
  const { certificate, key, authorityPath } = await ensureCertificate(stateDirectory);
  const server = createServer({ cert: certificate, key, keepAliveTimeout: KEEP_ALIVE_MS });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  const address = server.address() as AddressInfo;
  const store = openAccountStore(stateDirectory, address.port);
  server.on('request', createRequestHandler(store));
  let stopping: Promise<void> | undefined;

  return {
    url: `https://127.0.0.1:${address.port}`,
    key: EMULATOR_KEY,
    certificateAuthorityPath: authorityPath,
    stop() {
      stopping ??= new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }).then(store.close);
      return stopping;
    },
  };
}
