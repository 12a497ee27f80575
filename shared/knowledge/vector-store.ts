import type { DocumentSource } from '../contracts/documents.ts';
import type { DocumentId, TenantId } from '../contracts/identifiers.ts';
import type { FindingKind } from '../contracts/screening.ts';
import type { PassageSurroundings } from '../contracts/search.ts';
import type { DocumentKey, KnowledgeBaseKey } from './document-repository.ts';
import type { Scores } from './ranking/fusion.ts';
import type { DocumentScope, SearchScope } from './search-scope.ts';

/** Enough to find in a space, though not to make it. */
export interface SpaceName {
  readonly model: string;
}

/** Which collection a vector belongs to: one for each embedding model. A knowledge base lives in one, or moves to another. */
export interface VectorSpace extends SpaceName {
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
  /** The same for the same indexed text, by which its vector is found again. Left out: it is not. */
  readonly contentHash?: string;
  readonly passage: IndexedPassage;
  /** That of the record from which access and name were taken. */
  readonly revision: number;
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
  /** The header of the table that it goes on with; null when it begins with none, or has it. */
  readonly tableHeader: string | null;
  /** The text around it, itself included, for a model to read; null where none is kept. */
  readonly surroundings: PassageSurroundings | null;
  /** The grants that let somebody read it; see `grantsOf`. */
  readonly grants: readonly string[];
  /** What searches can be narrowed by; chunks that were stored before that was known lack it. */
  readonly tags?: readonly string[] | undefined;
  /** ISO 8601, UTC. */
  readonly modifiedAt?: string | null | undefined;
  readonly source?: DocumentSource | undefined;
  /** What was found in it when it was screened; left out: nothing. */
  readonly flags?: readonly FindingKind[];
}

/** What all chunks of a document carry of its record, and the revision of the record that it is from. */
export interface Carried extends Pick<IndexedPassage, 'grants' | 'documentName' | 'tags' | 'modifiedAt'> {
  readonly revision: number;
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

/** A chunk as it was indexed. */
export interface StoredChunk {
  readonly id: string;
  readonly live: boolean;
  readonly passage: IndexedPassage;
  /** Weights of its words, as BM25 counts them. */
  readonly sparse: SparseVector;
}

/** Some chunks of one version of a document: those with an index, or with a part between two characters. */
export interface ChunkRange {
  readonly version: number;
  readonly by: 'index' | 'characters';
  readonly from: number;
  /** Not included. */
  readonly to: number;
}

/** How well chunks fit, by part; a chunk that is in none of a part's scores does not fit at all there. */
export interface ChunkScores {
  readonly dense: Scores;
  readonly sparse: Scores;
  /** What each of the wanted dimensions of the question's sparse vector adds to the sparse score. */
  readonly byTerm: ReadonlyMap<number, Scores>;
}

/** Chunks and their vectors. Nothing can be read from it without a tenant and an access filter. */
export interface VectorStore {
  /**
   * Stores chunks that no search finds until their version is made live; in place of none that is live or carries a later
   * revision. Idempotent.
   */
  upsert(space: VectorSpace, tenantId: TenantId, points: readonly ChunkPoint[]): Promise<void>;
  /**
   * The dense vectors of texts that the tenant has in this space already, live or not, by the hash of their content. One
   * round trip; nothing but vectors comes back, so that whose chunk it was makes no difference.
   */
  vectorsOf(
    space: VectorSpace,
    tenantId: TenantId,
    contentHashes: readonly string[],
  ): Promise<ReadonlyMap<string, readonly number[]>>;
  /** Best first, dense and sparse apart, in one round trip. An empty scope finds nothing. */
  search(space: SpaceName, scope: SearchScope, query: VectorQuery): Promise<{ dense: Hit[]; sparse: Hit[] }>;
  /** Those of some chunks, by id, that a search of the scope could find. One round trip. */
  findable(space: SpaceName, scope: SearchScope, ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** In the order of their index, live or not; at most 2,000. */
  chunksOf(space: SpaceName, scope: DocumentScope, range: ChunkRange): Promise<StoredChunk[]>;
  /**
   * How well each chunk of a range fits a question, whether or not a search would look so far. One round trip.
   * @param query.terms dimensions of its sparse vector, to be scored one by one as well; of more than 256 the first
   */
  scoreChunks(
    space: SpaceName,
    scope: DocumentScope,
    range: ChunkRange,
    query: Pick<VectorQuery, 'dense' | 'sparse'> & { readonly terms: readonly number[] },
  ): Promise<ChunkScores>;
  /**
   * Gives the chunks of a document what they carry, makes one version live and removes every lower one, in one step. Leaves
   * alone what carries a later revision.
   */
  makeLive(space: SpaceName, document: DocumentKey, version: number, carried: Carried): Promise<void>;
  /** How many chunks of a version there are, live or not. */
  countVersion(space: SpaceName, document: DocumentKey, version: number): Promise<number>;
  /** Removes the vectors of one version; from every space. */
  removeVersion(document: DocumentKey, version: number): Promise<void>;
  /** Removes every vector of a document, from every space. */
  removeDocument(document: DocumentKey): Promise<void>;
  /** Removes every vector of a knowledge base, but for those in spaces that are kept. */
  removeKnowledgeBase(knowledgeBase: KnowledgeBaseKey, kept?: readonly SpaceName[]): Promise<void>;
  /**
   * The documents of a page of a knowledge base's chunks, whatever their version, in no order; a document may be on several.
   * @param page.after the `next` of the page before; empty at the start.
   */
  documentsIn(
    space: SpaceName,
    knowledgeBase: KnowledgeBaseKey,
    page: { readonly after: string; readonly limit: number },
  ): Promise<{ readonly documentIds: readonly string[]; readonly next: string | null }>;
  /** How many live chunks each of some documents has; one that has none is left out. */
  countLive(
    space: SpaceName,
    knowledgeBase: KnowledgeBaseKey,
    documentIds: readonly DocumentId[],
  ): Promise<ReadonlyMap<DocumentId, number>>;
  /** In every space, as what follows. */
  countDocument(document: DocumentKey): Promise<number>;
  /** How many chunks of a document, live or not, carry something else. */
  countUnaligned(document: DocumentKey, carried: Carried): Promise<number>;
  /** Replaces what the chunks of a document carry, except where that is of a later revision. */
  updateDocument(document: DocumentKey, carried: Carried): Promise<void>;
}
