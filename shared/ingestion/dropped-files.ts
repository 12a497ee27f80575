import type { AuditLog } from '../audit/audit-log.ts';
import { recordDocumentLife } from '../audit/record-document-life.ts';
import { type DocumentFailure, DocumentName } from '../contracts/documents.ts';
import { KnowledgeBaseId, TenantId } from '../contracts/identifiers.ts';
import type { Policy } from '../contracts/policy.ts';
import { AppError, isAppError } from '../errors.ts';
import { derivedId } from '../identifiers.ts';
import type { TenantDirectory } from '../identity/directory.ts';
import type { BlobInfo, BlobStore } from '../knowledge/blob-store.ts';
import { changeDocument } from '../knowledge/change-document.ts';
import { sourceBlob } from '../knowledge/document-blobs.ts';
import { fail, isCurrent, issueVersion, newDocument, queueVersion } from '../knowledge/document-lifecycle.ts';
import type { DocumentKey, DocumentRepository, StoredDocument } from '../knowledge/document-repository.ts';
import type { IngestionQueues } from '../knowledge/ingestion-queues.ts';
import type { KnowledgeBaseRepository } from '../knowledge/knowledge-base-repository.ts';
import { lackOfRoom, lackOfSize, maxDocumentBytes } from '../knowledge/quotas.ts';
import type { Logger } from '../telemetry/logger.ts';

export interface DroppedFiles {
  /**
   * Takes a file from the drop folder: once for each content, however often its event comes.
   * @param name the blob's name, `{tenant}/{knowledge base}/{path}`; one that is not shaped so is left alone.
   */
  take(name: string): Promise<void>;
}

export interface DroppedFilesOptions {
  readonly repository: DocumentRepository;
  readonly knowledgeBases: KnowledgeBaseRepository;
  readonly blobs: BlobStore;
  readonly queues: IngestionQueues;
  readonly log: Logger;
  readonly audit: AuditLog;
  readonly tenants: TenantDirectory;
  readonly maxBytes: number;
  readonly now: () => Date;
}

export function createDroppedFiles(options: DroppedFilesOptions): DroppedFiles {
  const { repository, knowledgeBases, blobs, queues, log, audit, tenants, maxBytes, now } = options;

  async function create(key: DocumentKey, path: string, etag: string): Promise<StoredDocument | null> {
    const document = newDocument({
      id: key.documentId,
      tenantId: key.tenantId,
      knowledgeBaseId: key.knowledgeBaseId,
      name: DocumentName.catch('document').parse(path),
      source: 'drop',
      access: null,
      createdBy: null,
      drop: { path, etag, version: 1 },
      now: now().toISOString(),
    });
    try {
      return (await repository.create(document)).value;
    } catch (error) {
      // The same event at the same time was faster; it made what we wanted to make.
      if (isAppError(error, 'conflict')) return (await repository.find(key))?.value ?? null;
      throw error;
    }
  }

  /** The document with a version reserved for this content, the same one however often it is asked for. */
  async function reserve(key: DocumentKey, path: string, etag: string): Promise<StoredDocument | null> {
    const found = (await repository.find(key))?.value ?? (await create(key, path, etag));
    if (!found || found.drop?.etag === etag) return found;
    const reserved = await changeDocument(repository, key, (current) => {
      const issued = issueVersion(current);
      return issued && { ...issued, drop: { path, etag, version: issued.versionsIssued } };
    });
    return reserved?.value ?? null;
  }

  /** Why the file is not taken; null when it is. A further version needs no further room. */
  async function refusalOf(key: DocumentKey, version: number, size: number): Promise<DocumentFailure | null> {
    const policy = (await tenants.byId(key.tenantId))?.tenantChain[0].policy ?? {};
    const tooLarge = lackOfSize(size, maxDocumentBytes(policy, maxBytes));
    // The document is there already, and counts itself.
    return tooLarge ?? (version === 1 ? lackOfRoom(repository, withOneMore(policy), key) : null);
  }

  async function bringIn(key: DocumentKey, version: number, blob: BlobInfo & { name: string }): Promise<void> {
    const refusal = await refusalOf(key, version, blob.size);
    if (!refusal) {
      const from = { container: 'drop' as const, name: blob.name, etag: blob.etag };
      await blobs.copy(from, { container: 'documents', name: sourceBlob(key, version) });
    }
    const at = now().toISOString();
    await changeDocument(repository, key, (current) => {
      const queued = queueVersion(current, version, { size: blob.size, now: at });
      return queued && refusal ? fail(queued, version, refusal, at) : queued;
    });
    await recordDocumentLife(audit, key, {
      action: 'document.dropped',
      details: { version, refused: refusal?.code ?? null },
    });
  }

  return {
    async take(name) {
      const place = locate(name);
      const blob = place && (await blobs.info('drop', name));
      if (!blob || !(await knowledgeBases.find(place.key.tenantId, place.key.knowledgeBaseId))) {
        log.warn('dropped file ignored: no such file or knowledge base', { ...place?.key });
        return;
      }
      const { key, path } = place;
      const reserved = await reserve(key, path, blob.etag);
      // What was there under this name is just being deleted; the event comes again, and finds its place free.
      if (!reserved) throw new AppError('conflict', 'The document that this file replaces is being deleted.');
      const version = reserved.drop?.version;
      if (version === undefined) return;
      const isNews = reserved.version < version || reserved.status === 'awaiting-upload';
      if (isNews) await bringIn(key, version, { ...blob, name });
      // Also when the event comes again: the message may have been lost in a crash, and one too many does no harm.
      const current = (await repository.find(key))?.value;
      if (isCurrent(current, version) && current.status === 'queued') await queues.documentChunk({ ...key, version });
    },
  };
}

function withOneMore({ knowledgeQuotas, ...policy }: Policy): Policy {
  const documents = knowledgeQuotas?.documents;
  return documents === undefined
    ? policy
    : { ...policy, knowledgeQuotas: { ...knowledgeQuotas, documents: documents + 1 } };
}

/** What a blob's name means: `{tenant}/{knowledge base}/{path}`; null when it is not shaped so. */
function locate(name: string): { key: DocumentKey; path: string } | null {
  const [tenantId = '', knowledgeBaseId = '', ...folders] = name.split('/');
  const path = folders.join('/');
  const areIds = TenantId.safeParse(tenantId).success && KnowledgeBaseId.safeParse(knowledgeBaseId).success;
  if (!areIds || path === '') return null;
  return { key: { tenantId, knowledgeBaseId, documentId: derivedId('doc', tenantId, knowledgeBaseId, path) }, path };
}
