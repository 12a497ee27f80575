import type { DocumentSource } from '../contracts/documents.ts';
import type { TenantId } from '../contracts/identifiers.ts';
import type { DocumentKey } from './document-repository.ts';
import type { SearchScope } from './search-scope.ts';

/** Which collection a vector belongs to: one for each embedding model. */
export interface VectorSpace {
  readonly model: string;
  readonly dimensions: number;
}

export interface SparseVector {
  /** Ascending, unique, unsigned 32-bit. */
  readonly indices: readonly number[];
  readonly values: readonly number[];
}

export interface ChunkPoint {
  /** UUIDv5 of document, version and index, so that a repeated upsert changes nothing. */
  readonly id: string;
  readonly dense: ArrayLike<number>;
  readonly sparse: SparseVector;
  readonly passage: IndexedPassage;
}

/** What is kept beside the vectors: enough to quote and cite without another look-up. */
export interface IndexedPassage {
  readonly knowledgeBaseId: string;
  readonly documentId: string;
  readonly documentName: string;
  readonly version: number;
  readonly index: number;
  readonly text: string;
  readonly headingPath: readonly string[];
  readonly page: number | null;
  readonly start: number;
  readonly end: number;
  /** The grants that let somebody read it; see `grantsOf`. */
  readonly grants: readonly string[];
  /** What searches can be narrowed by; chunks that were stored before that was known lack it. */
  readonly tags?: readonly string[] | undefined;
  /** ISO 8601, UTC. */
  readonly modifiedAt?: string | null | undefined;
  readonly source?: DocumentSource | undefined;
}

export interface Hit {
  readonly id: string;
  readonly score: number;
  readonly passage: IndexedPassage;
}

export interface VectorQuery {
  readonly dense: ArrayLike<number>;
  readonly sparse: SparseVector;
  /** Hits wanted from each of the two. */
  readonly limit: number;
}

/** Chunks and their vectors. Nothing can be read from it without a tenant and an access filter. */
export interface VectorStore {
  /** Stores chunks that no search finds until their version is made live. Idempotent. */
  upsert(space: VectorSpace, tenantId: TenantId, points: readonly ChunkPoint[]): Promise<void>;
  /** Best first, dense and sparse apart, in one round trip. An empty scope finds nothing. */
  search(space: VectorSpace, scope: SearchScope, query: VectorQuery): Promise<{ dense: Hit[]; sparse: Hit[] }>;
  /** Those of some chunks, by id, that a search of the scope could find. One round trip. */
  findable(space: VectorSpace, scope: SearchScope, ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Makes one version live and removes every lower one, in one step. */
  makeLive(space: VectorSpace, document: DocumentKey, version: number): Promise<void>;
  /** Removes the vectors of one version. */
  removeVersion(space: VectorSpace, document: DocumentKey, version: number): Promise<void>;
  /** Removes every vector of a document. */
  removeDocument(space: VectorSpace, document: DocumentKey): Promise<void>;
  removeKnowledgeBase(space: VectorSpace, knowledgeBase: Omit<DocumentKey, 'documentId'>): Promise<void>;
  countDocument(space: VectorSpace, document: DocumentKey): Promise<number>;
  /** Replaces what the chunks of a document carry for access, display and filters. */
  updateDocument(
    space: VectorSpace,
    document: DocumentKey,
    change: Partial<Pick<IndexedPassage, 'grants' | 'documentName' | 'tags' | 'modifiedAt'>>,
  ): Promise<void>;
}
