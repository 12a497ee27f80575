import type { PrincipalId, TenantId } from '../contracts/identifiers.ts';
import type { DocumentKey } from '../knowledge/document-repository.ts';
import type { VectorSpace } from '../knowledge/vector-store.ts';
import type { CacheKey } from './cache-key.ts';
import type { CachedAnswer } from './cached-answer.ts';

export interface CacheEntry {
  /** A UUID; the same id replaces what it named. */
  readonly id: string;
  readonly vector: ArrayLike<number>;
  readonly askedBy: PrincipalId;
  readonly documentIds: readonly string[];
  /** Seconds since 1970. */
  readonly expiresAt: number;
  readonly answer: CachedAnswer;
}

export interface CacheQuery {
  readonly vector: ArrayLike<number>;
  /** Cosine of the least alike that counts. */
  readonly similarity: number;
  readonly limit: number;
  /** Seconds since 1970: what expires then or earlier is not there. */
  readonly now: number;
}

/** Answers by the vector of their question. Nothing can be read from it without a key, and so without a tenant. */
export interface CacheStore {
  /** Answers under exactly this key, most alike first, as they were stored: whoever reads them checks their shape. */
  nearest(space: VectorSpace, key: CacheKey, query: CacheQuery): Promise<unknown[]>;
  put(space: VectorSpace, key: CacheKey, entry: CacheEntry): Promise<void>;
  /** @returns how many there were. */
  removeAskedBy(space: VectorSpace, asker: { tenantId: TenantId; userId: PrincipalId }): Promise<number>;
  /** Removes answers whose model saw a passage of the document. */
  removeOfDocument(space: VectorSpace, document: DocumentKey): Promise<void>;
  /** Of every tenant. @param now seconds since 1970 */
  removeExpired(space: VectorSpace, now: number): Promise<void>;
}
