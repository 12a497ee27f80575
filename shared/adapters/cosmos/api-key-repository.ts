import type { ApiKeyId, TenantId } from '../../contracts/identifiers.ts';
import { AppError } from '../../errors.ts';
import type { ApiKeyRepository, StoredApiKey } from '../../identity/api-key.ts';
import { whileOvertaken } from '../../while-overtaken.ts';
import type { Cosmos } from './client.ts';
import { createItemStore } from './item-store.ts';

/** The ids of a tenant's keys, the oldest first: a key's own partition is found by its id alone. */
interface IndexItem {
  readonly id: string;
  readonly keyIds: readonly ApiKeyId[];
}

const CONTENTION = {
  attempts: 10,
  jitter: 20,
  message: 'Many API keys are being created at once. Try again.',
};

const indexIdOf = (tenantId: TenantId) => `tenant:${tenantId}`;

/** An id is in its tenant's index before there is a key, so that every key that works is listed. */
export function createApiKeyRepository(cosmos: Cosmos, maxKeys: number): ApiKeyRepository {
  const items = createItemStore<StoredApiKey>(cosmos, 'api-keys');
  const indexes = createItemStore<IndexItem>(cosmos, 'api-keys');

  const find = async (id: ApiKeyId) => (await items.read([id], id))?.value ?? null;

  async function findAll(ids: readonly ApiKeyId[]): Promise<StoredApiKey[]> {
    const found = await Promise.all(ids.map(find));
    return found.filter((key) => key !== null);
  }

  /** Where there is no more room, those that no longer work give way. */
  async function makeRoom(keyIds: readonly ApiKeyId[], at: string): Promise<readonly ApiKeyId[]> {
    if (keyIds.length < maxKeys) return keyIds;
    const dead = (await findAll(keyIds)).filter(
      ({ revokedAt, expiresAt }) => revokedAt !== null || Date.parse(expiresAt) <= Date.parse(at),
    );
    if (dead.length === 0) {
      throw new AppError('unprocessable', `A tenant can have at most ${maxKeys} API keys. Revoke one first.`);
    }
    await Promise.all(dead.map(({ id }) => items.remove([id], id)));
    return keyIds.filter((id) => !dead.some((key) => key.id === id));
  }

  const addToIndex = ({ id, tenantId, createdAt }: StoredApiKey) =>
    whileOvertaken(
      {
        creates: true,
        async read() {
          const known = await indexes.read([indexIdOf(tenantId)], indexIdOf(tenantId));
          const keyIds = known ? await makeRoom(known.value.keyIds, createdAt) : [];
          return { etag: known?.etag, index: { id: indexIdOf(tenantId), keyIds: [...keyIds, id] } };
        },
        async write({ etag, index }) {
          await (etag === undefined ? indexes.create(index) : indexes.replace([index.id], index, etag));
        },
      },
      CONTENTION,
    );

  return {
    find,
    async list(tenantId) {
      const index = await indexes.read([indexIdOf(tenantId)], indexIdOf(tenantId));
      return (await findAll(index?.value.keyIds ?? [])).reverse();
    },
    async create(key) {
      await addToIndex(key);
      await items.create(key);
    },
    async revoke(id, at) {
      const key = await find(id);
      if (key === null || key.revokedAt !== null) return key;
      return items.patch([id], id, [{ op: 'set', path: '/revokedAt', value: at }]);
    },
    async noteUse(id, at) {
      await items.patch([id], id, [{ op: 'set', path: '/lastUsedAt', value: at }]);
    },
  };
}
