import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';
import { type Journal, openJournal, readJournal } from '../journal.ts';

/** The provider's sessions, grants, codes and refresh tokens, kept over a restart. */
export interface SessionStore {
  readonly adapterFor: AdapterFactory;
  close(): void;
}

interface Entry {
  readonly key: string;
  /** Null when it was removed. */
  readonly payload: AdapterPayload | null;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Far more than the people at one machine need; the oldest entries go first. */
const MAX_ENTRIES = 5000;
const DEFAULT_LIFETIME_SECONDS = 3600;

/** Opens the sessions that a file holds. */
export function openSessionStore(path: string): SessionStore {
  const entries = new Map<string, Entry>();
  let journal: Journal<Entry> | undefined;

  function put(entry: Entry): void {
    entries.delete(entry.key);
    if (entry.payload) entries.set(entry.key, entry);
    journal?.record(entry);
    const [oldest] = entries.keys();
    if (oldest !== undefined && entries.size > MAX_ENTRIES) put({ key: oldest, payload: null, expiresAt: 0 });
  }

  function remove(keys: Iterable<string>): void {
    for (const key of keys) put({ key, payload: null, expiresAt: 0 });
    journal?.flush();
  }

  for (const entry of readJournal<Entry>(path)) put(entry);
  journal = openJournal(path, () => [...entries.values()].filter(isLive));

  function adapterFor(model: string): Adapter {
    const keyOf = (id: string) => `${model}/${id}`;
    return {
      async upsert(id, payload, expiresIn = DEFAULT_LIFETIME_SECONDS) {
        put({ key: keyOf(id), payload, expiresAt: Date.now() + expiresIn * 1000 });
        journal?.flush();
      },
      async find(id) {
        const entry = entries.get(keyOf(id));
        return entry && isLive(entry) ? (entry.payload ?? undefined) : undefined;
      },
      async findByUid(uid) {
        const isIt = ({ key, payload }: Entry) => payload?.uid === uid && key.startsWith(keyOf(''));
        return [...entries.values()].find((entry) => isIt(entry) && isLive(entry))?.payload ?? undefined;
      },
      findByUserCode: async () => undefined,
      async consume(id) {
        const entry = entries.get(keyOf(id));
        if (!entry?.payload) return;
        put({ ...entry, payload: { ...entry.payload, consumed: Math.floor(Date.now() / 1000) } });
        journal?.flush();
      },
      destroy: async (id) => remove([keyOf(id)]),
      revokeByGrantId: async (grantId) =>
        remove([...entries.values()].filter(({ payload }) => payload?.grantId === grantId).map(({ key }) => key)),
    };
  }

  return { adapterFor, close: () => journal?.close() };
}

function isLive({ expiresAt }: Entry): boolean {
  return expiresAt > Date.now();
}
