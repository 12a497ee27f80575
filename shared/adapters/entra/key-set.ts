import { AppError } from '../../errors.ts';
import { type Fetch, fetchSigningKeys, type SigningKey } from './signing-keys.ts';

/** The keys of one authority, kept fresh without ever being more than a trickle of requests to it. */
export interface KeySet {
  /**
   * The key with that id, or undefined when the provider has none.
   * @throws AppError `dependency_unavailable` when no keys are known and the provider does not answer
   */
  find(keyId: string): Promise<SigningKey | undefined>;
  /** Resolves while tokens can be verified, also with kept keys. @throws AppError `dependency_unavailable` otherwise */
  check(): Promise<void>;
}

export interface KeySetOptions {
  readonly url: string;
  readonly now: () => Date;
  readonly fetch: Fetch;
}

const REFRESH_AFTER_MILLISECONDS = 10 * 60_000;
/** How long known keys go on working after their refresh was due, while the provider is down. */
const GRACE_MILLISECONDS = 60 * 60_000;
/** Between two fetches, whatever the tokens name and whether or not the endpoint answers. */
const COOLDOWN_MILLISECONDS = 30_000;

interface LoadedKeys {
  readonly keys: ReadonlyMap<string, SigningKey>;
  readonly loadedAt: number;
}

export function createKeySet({ url, now, fetch }: KeySetOptions): KeySet {
  let loaded: LoadedKeys | undefined;
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let failure: unknown;
  let fetching: Promise<void> | undefined;

  const age = () => (loaded ? now().getTime() - loaded.loadedAt : Number.POSITIVE_INFINITY);
  const isFresh = () => age() < REFRESH_AFTER_MILLISECONDS;
  const usableKeys = () => (age() <= REFRESH_AFTER_MILLISECONDS + GRACE_MILLISECONDS ? loaded?.keys : undefined);
  const cooldown = () => fetchedAt + COOLDOWN_MILLISECONDS - now().getTime();

  async function load(): Promise<void> {
    try {
      const keys = await fetchSigningKeys(url, fetch);
      loaded = { keys, loadedAt: now().getTime() };
      failure = undefined;
    } catch (error) {
      failure = error;
    }
  }

  /** Never rejects; shared by all who come while it runs. */
  function refresh(): Promise<void> {
    if (!fetching && cooldown() <= 0) {
      fetchedAt = now().getTime();
      fetching = load().finally(() => {
        fetching = undefined;
      });
    }
    return fetching ?? Promise.resolve();
  }

  function unavailable(): AppError {
    return new AppError('dependency_unavailable', 'The identity provider does not answer. Try again shortly.', {
      cause: failure,
      retryAfterSeconds: Math.max(1, Math.ceil(cooldown() / 1_000)),
    });
  }

  return {
    async find(keyId) {
      const known = usableKeys()?.get(keyId);
      if (known) {
        if (!isFresh()) void refresh();
        return known;
      }
      await refresh();
      const keys = usableKeys();
      if (!keys) throw unavailable();
      return keys.get(keyId);
    },
    async check() {
      if (isFresh()) return;
      await refresh();
      if (!usableKeys()) throw unavailable();
    },
  };
}
