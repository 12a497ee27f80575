import type { DocumentListQuery, UpdateDocument } from '../contracts/documents.ts';
import type { DocumentId, KnowledgeBaseId } from '../contracts/identifiers.ts';
import type { Page } from '../contracts/paging.ts';
import { AppError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import type { Versioned } from '../versioned.ts';
import type { BlobStore } from './blob-store.ts';
import { maySeeDocument } from './document-access.ts';
import type { DocumentChanges } from './document-changes.ts';
import type { DocumentKey, DocumentRepository, StoredDocument } from './document-repository.ts';
import { createSourceLink, keyOf, type SourceLink, type SourcePlace } from './document-source.ts';
import { readTextWindow, type TextWindow } from './extracted-text.ts';
import type { IngestionQueues } from './ingestion-queues.ts';
import { mayManageKnowledgeBase } from './knowledge-base-access.ts';
import type { KnowledgeBases } from './knowledge-bases.ts';
import { highestOpenVersion } from './open-versions.ts';
import { retryDocument } from './retry-document.ts';
import { screenName } from './screen-name.ts';
import { type DocumentScope, documentScope } from './search-scope.ts';
import type { SpaceName, VectorStore } from './vector-store.ts';

/** Names a document to whoever asks; the tenant comes from the principal alone. */
export interface DocumentReference {
  readonly knowledgeBaseId: KnowledgeBaseId;
  readonly documentId: DocumentId;
}

/** A document that a principal may see. */
export interface OpenedDocument {
  readonly document: StoredDocument;
  readonly scope: DocumentScope;
  /** Where its knowledge base is searched. */
  readonly space: SpaceName;
  readonly mayManage: boolean;
}

/** Characters of a version; left out, of the one that answers come from. */
export interface AskedWindow {
  readonly version?: number | undefined;
  readonly start: number;
  readonly end: number;
}

/** The documents of a knowledge base as a principal may see and change them. */
export interface Documents {
  list(principal: Principal, knowledgeBaseId: KnowledgeBaseId, page: DocumentListQuery): Promise<Page<StoredDocument>>;
  /** @throws AppError `not_found` */
  get(principal: Principal, reference: DocumentReference): Promise<Versioned<StoredDocument>>;
  /** With the scope in which its chunks may be read. @throws AppError `not_found` */
  open(principal: Principal, reference: DocumentReference): Promise<OpenedDocument>;
  /**
   * A change of access is in force for searches when this resolves.
   * @throws AppError `unprocessable` for a name that the policy of the tenant holds.
   */
  update(
    principal: Principal,
    reference: DocumentReference,
    change: UpdateDocument,
    ifMatch: string | undefined,
  ): Promise<Versioned<StoredDocument>>;
  /** Gone from answers when this resolves; vectors, files and records follow by queue. */
  remove(principal: Principal, reference: DocumentReference): Promise<void>;
  /** Processes a version again that failed or got stuck; one that is held is screened again. @throws AppError `conflict` when there is nothing to retry. */
  retry(principal: Principal, reference: DocumentReference): Promise<StoredDocument>;
  sourceLink(
    principal: Principal,
    reference: DocumentReference,
    place: Omit<SourcePlace, 'version'> & { readonly version?: number | undefined },
  ): Promise<SourceLink>;
  /** Some of the extracted text, into which the spans of chunks and citations point. @throws AppError `not_found` */
  textWindow(principal: Principal, reference: DocumentReference, asked: AskedWindow): Promise<TextWindow>;
}

export interface DocumentsOptions {
  readonly repository: DocumentRepository;
  readonly knowledgeBases: KnowledgeBases;
  readonly blobs: BlobStore;
  readonly queues: IngestionQueues;
  readonly changes: DocumentChanges;
  readonly vectorStore: VectorStore;
  /** Gives a dropped document the access of its folder, if it follows that. */
  readonly followFolder: (key: DocumentKey) => Promise<void>;
  readonly now: () => Date;
}

export function createDocuments(options: DocumentsOptions): Documents {
  const { repository, knowledgeBases, blobs, changes, now } = options;

  async function find(principal: Principal, { knowledgeBaseId, documentId }: DocumentReference) {
    const { value: knowledgeBase } = await knowledgeBases.get(principal, knowledgeBaseId);
    const found = await repository.find({ tenantId: principal.tenantId, knowledgeBaseId, documentId });
    if (!found) throw new AppError('not_found', 'There is no such document.');
    return { found, knowledgeBase, scope: documentScope(principal, knowledgeBase, found.value) };
  }

  const get = async (principal: Principal, reference: DocumentReference) => (await find(principal, reference)).found;

  async function getManaged(principal: Principal, reference: DocumentReference) {
    await knowledgeBases.getManaged(principal, reference.knowledgeBaseId);
    return get(principal, reference);
  }

  /** Who manages the knowledge base may open what is held or not screened yet as well. */
  async function findVersion(principal: Principal, reference: DocumentReference, version: number | undefined) {
    const { found, knowledgeBase } = await find(principal, reference);
    const document = found.value;
    const wanted = version ?? document.liveVersion ?? document.version;
    const isOpen = wanted <= highestOpenVersion(document);
    if (isOpen || mayManageKnowledgeBase(principal, knowledgeBase)) return { document, version: wanted };
    throw new AppError('not_found', 'This version is not there yet. Try again when it is ready.');
  }

  return {
    get,
    async open(principal, reference) {
      const { found, knowledgeBase, scope } = await find(principal, reference);
      const mayManage = mayManageKnowledgeBase(principal, knowledgeBase);
      return { document: found.value, scope, space: { model: knowledgeBase.embeddingModel }, mayManage };
    },
    async list(principal, knowledgeBaseId, page) {
      const { value: knowledgeBase } = await knowledgeBases.get(principal, knowledgeBaseId);
      const found = await repository.list(principal.tenantId, knowledgeBaseId, page);
      const visible = found.items.filter((document) => maySeeDocument(principal, knowledgeBase, document));
      return { ...found, items: visible };
    },
    async update(principal, reference, change, ifMatch) {
      const { value } = await getManaged(principal, reference);
      const key = keyOf(value);
      const wantsFolder = change.accessSource === 'folder';
      if (wantsFolder && !value.drop)
        throw new AppError('unprocessable', 'Only a dropped file has a folder to follow.');
      const noted = await screenName(principal.tenantChain[0].policy, value, change.name);
      const step = (document: StoredDocument): StoredDocument => ({
        ...document,
        ...change,
        ...noted(document),
        ...(change.access !== undefined && { accessSource: 'own' }),
      });
      const stored = await changes.change(key, step, ifMatch);
      if (!stored) throw new AppError('not_found', 'There is no such document.');
      if (!wantsFolder) return stored;
      await options.followFolder(key);
      return (await repository.find(key)) ?? stored;
    },
    async remove(principal, reference) {
      await changes.withdraw(keyOf((await getManaged(principal, reference)).value));
    },
    async retry(principal, reference) {
      const key = keyOf((await getManaged(principal, reference)).value);
      const retried = await retryDocument(options, key);
      if (!retried)
        throw new AppError('conflict', 'There is nothing to retry: it is ready, being deleted, or has no file yet.');
      return retried;
    },
    async sourceLink(principal, reference, place) {
      const { document, version } = await findVersion(principal, reference, place.version);
      return createSourceLink(blobs, document, { ...place, version }, now());
    },
    async textWindow(principal, reference, { version: wanted, ...asked }) {
      const { document, version } = await findVersion(principal, reference, wanted);
      return readTextWindow(blobs, keyOf(document), version, asked);
    },
  };
}
