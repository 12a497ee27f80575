import type { AccessSource, DocumentListQuery, DocumentStatus, KnowledgeDocument } from '../contracts/documents.ts';
import type { DocumentId, ImportId, KnowledgeBaseId, TenantId } from '../contracts/identifiers.ts';
import type { Page } from '../contracts/paging.ts';
import type { Versioned } from '../versioned.ts';
import type { Batches } from './batches.ts';

/** Names one document; every read and write of it states its whole partition. */
export interface DocumentKey {
  readonly tenantId: TenantId;
  readonly knowledgeBaseId: KnowledgeBaseId;
  readonly documentId: DocumentId;
}

/** What a version is held for. */
export interface HoldReason {
  /** Of everything that was looked through. */
  readonly hash: string;
  /** The rules whose findings hold it, such as `secret/github`. */
  readonly rules: readonly string[];
}

/** Names one knowledge base. */
export type KnowledgeBaseKey = Omit<DocumentKey, 'documentId'>;

/** A document as it is stored: what callers see, and what the pipeline needs to converge. */
export interface StoredDocument extends Omit<KnowledgeDocument, 'path' | 'accessSource' | 'tags' | 'modifiedAt'> {
  /** Documents from before that was known lack it. */
  readonly tags?: readonly string[];
  readonly modifiedAt?: string | null;
  readonly tenantId: TenantId;
  /** Counts changes of what the chunks of a document carry: who may read it, and its name. */
  readonly revision: number;
  /** Left out in records of earlier releases; see `accessSourceOf`. */
  readonly accessSource?: AccessSource;
  /** The import that named it last. */
  readonly importId?: ImportId;
  /** The highest version that was handed out to an upload; versions are never used twice. */
  readonly versionsIssued: number;
  /** Where a dropped file lies, which content of it was taken last (empty: it has not come yet), and as which version; null for uploads. */
  readonly drop: { readonly path: string; readonly etag: string; readonly version: number } | null;
  /** What BM25 counts in the chunks of `version`; not known of what was chunked before it was counted. */
  readonly termCount?: number | null;
  /** Of `version`. */
  readonly batches: Batches | null;
  /** The highest version that came through screening; left out or null: none since it was last asked to be tried again. */
  readonly screened?: number | null;
  /** Why the current version is held; left out or null while it is not. */
  readonly hold?: HoldReason | null;
  /** What was let pass last: with the same text, the same rules hold no version again. */
  readonly released?: (HoldReason & { readonly version: number }) | null;
  /** The embedding models in whose spaces `liveVersion` is live; unknown for one that went live before this was kept. */
  readonly liveIn?: readonly string[];
}

export interface DocumentRepository {
  find(key: DocumentKey): Promise<Versioned<StoredDocument> | null>;
  list(tenantId: TenantId, knowledgeBaseId: KnowledgeBaseId, page: DocumentListQuery): Promise<Page<StoredDocument>>;
  /** How many there are, whatever became of them. */
  count(tenantId: TenantId, knowledgeBaseId: KnowledgeBaseId): Promise<number>;
  /** How many chunks and terms its documents have together, of those that were counted. */
  lengths(tenantId: TenantId, knowledgeBaseId: KnowledgeBaseId): Promise<{ chunks: number; terms: number }>;
  /** Some of what somebody uploaded, at most `limit`. */
  createdBy(
    tenantId: TenantId,
    knowledgeBaseId: KnowledgeBaseId,
    userId: string,
    limit: number,
  ): Promise<StoredDocument[]>;
  /** Documents that were last changed before a moment, or are being deleted, by id, from after an id on. */
  unchangedSince(
    tenantId: TenantId,
    knowledgeBaseId: KnowledgeBaseId,
    before: string,
    page: { readonly after: string; readonly limit: number },
  ): Promise<StoredDocument[]>;
  /** Documents by id, from after an id on. */
  byId(
    knowledgeBase: Omit<DocumentKey, 'documentId'>,
    page: { readonly after: string; readonly limit: number },
  ): Promise<StoredDocument[]>;
  /** Those of some documents that there are. */
  byIds(knowledgeBase: Omit<DocumentKey, 'documentId'>, ids: readonly DocumentId[]): Promise<StoredDocument[]>;
  /** How many documents have or had a file in the drop folder, without those that are being deleted. */
  countDropped(knowledgeBase: Omit<DocumentKey, 'documentId'>): Promise<number>;
  /** How many there are of a status, or those of them that an import named last. */
  countOf(knowledgeBase: Omit<DocumentKey, 'documentId'>, status: DocumentStatus, importId?: ImportId): Promise<number>;
  /** When a document of an import was last changed; null when it has none. */
  lastChange(knowledgeBase: Omit<DocumentKey, 'documentId'>, importId: ImportId): Promise<string | null>;
  /** Dropped documents whose path starts with a folder (empty, or ending in a slash), by id, from after an id on. */
  inFolder(
    knowledgeBase: Omit<DocumentKey, 'documentId'>,
    folder: string,
    page: { readonly after: string; readonly limit: number },
  ): Promise<StoredDocument[]>;
  /** Documents that can be found, but not in the space of a model, by id, from after an id on. */
  notLiveIn(
    tenantId: TenantId,
    knowledgeBaseId: KnowledgeBaseId,
    model: string,
    page: { readonly after: string; readonly limit: number },
  ): Promise<StoredDocument[]>;
  /** How many documents can be found, and how many of them in the space of a model. */
  countLive(
    tenantId: TenantId,
    knowledgeBaseId: KnowledgeBaseId,
    model: string,
  ): Promise<{ readonly all: number; readonly inModel: number }>;
  /** @throws AppError `conflict` when the id is taken. */
  create(document: StoredDocument): Promise<Versioned<StoredDocument>>;
  /** @throws AppError `precondition_failed` when the item is no longer what `etag` named. */
  replace(document: StoredDocument, etag: string): Promise<Versioned<StoredDocument>>;
  /** Does nothing when it is gone already. */
  remove(key: DocumentKey): Promise<void>;
}
