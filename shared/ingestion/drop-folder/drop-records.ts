import type { Page, PageQuery } from '../../contracts/paging.ts';
import type { KnowledgeBaseKey } from '../../knowledge/document-repository.ts';
import type { Versioned } from '../../versioned.ts';
import type { StoredImport } from '../imports/stored-import.ts';
import type { ReconcileState } from '../reconcile/reconcile-state.ts';

/** An access file whose word is in force for the documents of its folder. */
export interface AccessFileRecord {
  /** Of the folder: empty, or ending in a slash. */
  readonly folder: string;
  readonly etag: string;
  /** Why it cannot be read, for who manages the knowledge base; null when it can. */
  readonly problem: string | null;
}

/** What is known of a drop folder besides its documents. */
export interface DropRecords {
  /** In no order; at most 1,000. */
  accessFiles(knowledgeBase: KnowledgeBaseKey): Promise<AccessFileRecord[]>;
  /** Replaces what was known of the folder. */
  putAccessFile(knowledgeBase: KnowledgeBaseKey, file: AccessFileRecord): Promise<void>;
  removeAccessFile(knowledgeBase: KnowledgeBaseKey, folder: string): Promise<void>;
  /** How far the check of the knowledge base came the last time. */
  reconcileState(knowledgeBase: KnowledgeBaseKey): Promise<ReconcileState | null>;
  putReconcileState(knowledgeBase: KnowledgeBaseKey, state: ReconcileState): Promise<void>;
  /** The last knowledge base of all tenants that a run has reached, by a name of the caller's; empty at first. */
  reconciledUpTo(): Promise<string>;
  putReconciledUpTo(name: string): Promise<void>;
  findImport(knowledgeBase: KnowledgeBaseKey, id: string): Promise<Versioned<StoredImport> | null>;
  /** Newest first. */
  listImports(knowledgeBase: KnowledgeBaseKey, page: PageQuery): Promise<Page<StoredImport>>;
  /** @throws AppError `conflict` when it is on record already. */
  createImport(knowledgeBase: KnowledgeBaseKey, stored: StoredImport): Promise<void>;
  /** @throws AppError `precondition_failed` when the item is no longer what `etag` named. */
  replaceImport(knowledgeBase: KnowledgeBaseKey, stored: StoredImport, etag: string): Promise<void>;
  /** Forgets everything about a drop folder. */
  removeAll(knowledgeBase: KnowledgeBaseKey): Promise<void>;
}
