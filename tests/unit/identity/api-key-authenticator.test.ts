import { beforeEach, describe, expect, it } from 'vitest';
import type { ApiKeyRepository, StoredApiKey } from '../../../shared/identity/api-key.ts';
import { createApiKeyAuthenticator } from '../../../shared/identity/api-key-authenticator.ts';
import { formatApiKey, hashOf, newSecret } from '../../../shared/identity/api-key-secret.ts';
import type { DirectoryTenant } from '../../../shared/identity/directory.ts';

const TENANT = 'ten_01JD3Q5V4M8K2N6P9R1S7T0W3X';
const ID = 'key_01JD3Q5V4M8K2N6P9R1S7T0W3X';
const at = (milliseconds: number) => new Date(milliseconds).toISOString();

let clock: number;
let stored: StoredApiKey | null;
let status: DirectoryTenant['status'];
let reads: number;
let uses: string[];
let fails: boolean;

const secret = newSecret();
const key = formatApiKey({ id: ID, secret });
const link = { id: TENANT, policy: {} };
const keys: Pick<ApiKeyRepository, 'find' | 'noteUse'> = {
  async find(id) {
    reads += 1;
    return id === ID ? stored : null;
  },
  async noteUse(_id, time) {
    uses.push(time);
    if (fails) throw new Error('The store is down.');
  },
};
const open = () =>
  createApiKeyAuthenticator({
    keys: keys as ApiKeyRepository,
    tenants: {
      byId: async (id) => ({ id, name: 'Contoso', status, organisationId: id, tenantChain: [link] }),
    },
    now: () => new Date(clock),
  });

beforeEach(() => {
  clock = 1_000_000;
  reads = 0;
  uses = [];
  fails = false;
  status = 'active';
  stored = {
    id: ID,
    tenantId: TENANT,
    name: 'Importer',
    permissions: ['knowledge:read'],
    knowledgeBaseIds: null,
    expiresAt: at(10_000_000),
    createdBy: '2a9b8c7d-6e5f-4a3b-8c1d-0e9f8a7b6c5d',
    createdAt: at(0),
    revokedAt: null,
    lastUsedAt: null,
    secretHash: hashOf(secret),
  };
});

describe('API keys', () => {
  it('are read at most every 30 seconds, and refused within them once revoked', async () => {
    const authenticator = open();
    for (let call = 0; call < 5; call += 1) await authenticator.authenticate(key);
    expect(reads).toBe(1);
    if (stored) stored = { ...stored, revokedAt: at(clock) };
    clock += 30_000;
    await expect(authenticator.authenticate(key)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('end to the millisecond, also when they were read before', async () => {
    const authenticator = open();
    clock = 10_000_000 - 1;
    await expect(authenticator.authenticate(key)).resolves.toMatchObject({ kind: 'service', userId: ID });
    clock += 1;
    await expect(authenticator.authenticate(key)).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(reads).toBe(1);
  });

  it('note their use once a minute, and work when that fails', async () => {
    fails = true;
    const authenticator = open();
    const start = clock;
    for (; clock < start + 150_000; clock += 10_000) await authenticator.authenticate(key);
    expect(uses).toEqual([at(start), at(start + 60_000), at(start + 120_000)]);
  });

  it('note nothing for whoever is refused', async () => {
    const wrong = formatApiKey({ id: ID, secret: newSecret() });
    await expect(open().authenticate(wrong)).rejects.toMatchObject({ code: 'unauthenticated' });
    status = 'suspended';
    await expect(open().authenticate(key)).rejects.toMatchObject({ code: 'forbidden' });
    expect(uses).toEqual([]);
  });
});
