import type { AuditLog } from '../../audit/audit-log.ts';
import { recordDocumentLife } from '../../audit/record-document-life.ts';
import type { Access } from '../../contracts/access.ts';
import { type DocumentFailure, DocumentName } from '../../contracts/documents.ts';
import type { Policy } from '../../contracts/policy.ts';
import { AppError, isAppError } from '../../errors.ts';
import { policyOf, type TenantDirectory } from '../../identity/directory.ts';
import type { BlobInfo, BlobStore } from '../../knowledge/blob-store.ts';
import { changeDocument } from '../../knowledge/change-document.ts';
import { sourceBlob } from '../../knowledge/document-blobs.ts';
import { fail, isCurrent, issueVersion, newDocument, queueVersion } from '../../knowledge/document-lifecycle.ts';
import type { DocumentKey, DocumentRepository, StoredDocument } from '../../knowledge/document-repository.ts';
import type { IngestionQueues } from '../../knowledge/ingestion-queues.ts';
import { lackOfRoom, lackOfSize, maxDocumentBytes } from '../../knowledge/quotas.ts';
import type { Versioned } from '../../versioned.ts';
import { type DropPlace, dropName } from './drop-place.ts';
import { type FollowFolder, folderAccessOf } from './follow-folder.ts';

export interface TakeDroppedOptions {
  readonly repository: DocumentRepository;
  readonly blobs: BlobStore;
  readonly queues: IngestionQueues;
  readonly followFolder: FollowFolder;
  readonly audit: AuditLog;
  readonly tenants: TenantDirectory;
  readonly maxBytes: number;
  readonly now: () => Date;
}

/** Takes a file of the drop folder: once for each content, however often it is asked to. */
export type TakeDropped = (place: DropPlace, blob: BlobInfo) => Promise<void>;

/** A record for a file of the drop folder: one that is there, or with an empty `etag` one that is yet to come. */
export function newDroppedDocument(
  { key, path }: DropPlace,
  facts: { readonly etag: string; readonly access: Access | null; readonly now: string },
): StoredDocument {
  const document = newDocument({
    id: key.documentId,
    tenantId: key.tenantId,
    knowledgeBaseId: key.knowledgeBaseId,
    name: DocumentName.catch('document').parse(path),
    source: 'drop',
    access: facts.access,
    createdBy: null,
    drop: { path, etag: facts.etag, version: 1 },
    now: facts.now,
  });
  return { ...document, accessSource: 'folder' };
}

export function createTakeDropped(options: TakeDroppedOptions): TakeDropped {
  const { repository, blobs, queues, followFolder, audit, tenants, maxBytes, now } = options;

  async function create(place: DropPlace, etag: string): Promise<Versioned<StoredDocument> | null> {
    // Before anybody can see the document, be it only its name.
    const access = await folderAccessOf(blobs, place.key, place.path);
    try {
      const document = newDroppedDocument(place, { etag, access, now: now().toISOString() });
      return await repository.create(document);
    } catch (error) {
      // The same event at the same time was faster; it made what we wanted to make.
      if (isAppError(error, 'conflict')) return repository.find(place.key);
      throw error;
    }
  }

  /** The document with a version reserved for this content, the same one however often it is asked for. */
  async function reserve(place: DropPlace, etag: string): Promise<Versioned<StoredDocument> | null> {
    const found = (await repository.find(place.key)) ?? (await create(place, etag));
    if (!found || found.value.drop?.etag === etag) return found;
    return changeDocument(repository, place.key, (current) => reserveFor(current, place.path, etag), found);
  }

  /** Why the file is not taken; null when it is. A further version needs no further room. */
  async function refusalOf(key: DocumentKey, version: number, size: number): Promise<DocumentFailure | null> {
    const policy = await policyOf(tenants, key.tenantId);
    const tooLarge = lackOfSize(size, maxDocumentBytes(policy, maxBytes));
    // The document is there already, and counts itself.
    return tooLarge ?? (version === 1 ? lackOfRoom(repository, withOneMore(policy), key) : null);
  }

  async function bringIn({ key, path }: DropPlace, version: number, blob: BlobInfo, found: Versioned<StoredDocument>) {
    const refusal = await refusalOf(key, version, blob.size);
    if (!refusal) {
      const from = { container: 'drop' as const, name: dropName(key, path), etag: blob.etag };
      await blobs.copy(from, { container: 'documents', name: sourceBlob(key, version) });
    }
    const at = now().toISOString();
    const step = (current: StoredDocument) => {
      const queued = queueVersion(current, version, { size: blob.size, now: at });
      return queued && refusal ? fail(queued, version, refusal, at) : queued;
    };
    await changeDocument(repository, key, step, found);
    await recordDocumentLife(audit, key, {
      action: 'document.dropped',
      details: { version, refused: refusal?.code ?? null },
    });
  }

  return async (place, blob) => {
    const { key } = place;
    const reserved = await reserve(place, blob.etag);
    // What was there under this name is just being deleted; the event comes again, and finds its place free.
    if (!reserved) throw new AppError('conflict', 'The document that this file replaces is being deleted.');
    const { drop, status, version: taken } = reserved.value;
    if (!drop || status === 'deleting') return;
    const { version } = drop;
    const isNews = taken < version || status === 'awaiting-upload';
    if (isNews) await bringIn(place, version, blob, reserved);
    // Its record may be older than an access file, or one may have come since the first look.
    await followFolder(key);
    // Also when the event comes again: the message may have been lost in a crash, and one too many does no harm.
    const current = (await repository.find(key))?.value;
    if (isCurrent(current, version) && current.status === 'queued') await queues.documentChunk({ ...key, version });
  };
}

function reserveFor(current: StoredDocument, path: string, etag: string): StoredDocument | null {
  // The same event at the same time was faster.
  if (current.drop?.etag === etag) return current;
  // Nothing has come yet, so that the first version is still to be had.
  if (current.drop?.etag === '' && current.status === 'awaiting-upload') {
    return { ...current, drop: { ...current.drop, etag } };
  }
  const issued = issueVersion(current);
  return issued && { ...issued, drop: { path, etag, version: issued.versionsIssued } };
}

function withOneMore({ knowledgeQuotas, ...policy }: Policy): Policy {
  const documents = knowledgeQuotas?.documents;
  return documents === undefined
    ? policy
    : { ...policy, knowledgeQuotas: { ...knowledgeQuotas, documents: documents + 1 } };
}
