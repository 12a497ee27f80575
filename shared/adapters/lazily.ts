/** Makes a value with its first use and keeps it; a failed attempt is forgotten, so that the next use tries again. */
export function lazily<T>(create: () => Promise<T>): () => Promise<T> {
  let value: Promise<T> | undefined;
  return () => {
    if (value) return value;
    const created = create();
    value = created;
    created.catch(() => {
      value = undefined;
    });
    return created;
  };
}
