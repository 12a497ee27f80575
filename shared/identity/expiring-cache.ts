interface Entry<V> {
  readonly value: Promise<V>;
  readonly expiresAt: number;
}

/** Remembers what `load` gave for a while, loads a key once for all who wait for it, and never remembers a failure. */
export function createExpiringCache<V>(options: {
  readonly load: (key: string) => Promise<V>;
  readonly lifetimeMilliseconds: number;
  readonly maxEntries: number;
  readonly now: () => Date;
}): (key: string) => Promise<V> {
  const entries = new Map<string, Entry<V>>();
  return (key) => {
    const now = options.now().getTime();
    const known = entries.get(key);
    if (known && known.expiresAt > now) return known.value;

    const value = options.load(key);
    entries.delete(key);
    entries.set(key, { value, expiresAt: now + options.lifetimeMilliseconds });
    value.catch(() => entries.delete(key));
    const oldest = entries.keys().next();
    if (entries.size > options.maxEntries && !oldest.done) entries.delete(oldest.value);
    return value;
  };
}
