import { afterAll, beforeAll } from 'vitest';
import { collectionsContract } from './qdrant-contract/collections.ts';
import { type ContractServer, openContractServer } from './qdrant-contract/contract-server.ts';
import { filtersContract } from './qdrant-contract/filters.ts';
import { pointsContract } from './qdrant-contract/points.ts';
import { queriesContract } from './qdrant-contract/queries.ts';
import { wrongRequestsContract } from './qdrant-contract/wrong-requests.ts';

/** What holds for our local Qdrant and, when QDRANT_URL is set, for a real one. */
let server: ContractServer;

beforeAll(async () => {
  server = await openContractServer();
});

afterAll(() => server.stop());

collectionsContract(() => server);
pointsContract(() => server);
filtersContract(() => server);
queriesContract(() => server);
wrongRequestsContract(() => server);
