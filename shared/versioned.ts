/** A stored value with the entity tag that decides races on it. */
export interface Versioned<T> {
  readonly value: T;
  readonly etag: string;
}
