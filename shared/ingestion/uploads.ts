import type { Readable } from 'node:stream';
import type { Access } from '../contracts/access.ts';
import type { DocumentId, KnowledgeBaseId } from '../contracts/identifiers.ts';
import { AppError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import type { BlobStore } from '../knowledge/blob-store.ts';
import { changeDocument } from '../knowledge/change-document.ts';
import { sourceBlob } from '../knowledge/document-blobs.ts';
import { issueVersion, newDocument, queueVersion } from '../knowledge/document-lifecycle.ts';
import type { DocumentKey, DocumentRepository, StoredDocument } from '../knowledge/document-repository.ts';
import { keyOf, linkExpiry } from '../knowledge/document-source.ts';
import type { DocumentReference, Documents } from '../knowledge/documents.ts';
import type { IngestionQueues } from '../knowledge/ingestion-queues.ts';
import type { KnowledgeBases } from '../knowledge/knowledge-bases.ts';
import { lackOfRoom, lackOfSize, maxDocumentBytes } from '../knowledge/quotas.ts';

export interface UploadTarget {
  readonly knowledgeBaseId: KnowledgeBaseId;
  /** An existing document, of which the file becomes a new version. */
  readonly documentId?: DocumentId | undefined;
}

/** What is told with a file. Access and tags are those of a new document; an existing one keeps its own. */
export interface UploadedFile {
  readonly name: string;
  readonly access: Access | null;
  readonly tags?: readonly string[];
  /** When its content was last changed. Left out: now. */
  readonly modifiedAt?: string | undefined;
}

export interface Uploads {
  /** Stores a file that streams in and queues it. */
  receive(
    principal: Principal,
    target: UploadTarget,
    file: UploadedFile & { readonly content: Readable },
  ): Promise<StoredDocument>;
  /** Reserves a version and gives a link to which its file can be written directly. */
  begin(
    principal: Principal,
    target: UploadTarget,
    file: UploadedFile,
  ): Promise<{ document: StoredDocument; uploadUrl: string; expiresAt: string }>;
  /** Queues what was written through the link. @throws AppError `conflict` when nothing has been written yet. */
  complete(principal: Principal, reference: DocumentReference, version: number | undefined): Promise<StoredDocument>;
}

export interface UploadsOptions {
  readonly repository: DocumentRepository;
  readonly knowledgeBases: KnowledgeBases;
  readonly documents: Documents;
  readonly blobs: BlobStore;
  readonly queues: IngestionQueues;
  readonly maxBytes: number;
  readonly newId: (prefix: 'doc') => string;
  readonly now: () => Date;
}

export function createUploads(options: UploadsOptions): Uploads {
  const { repository, knowledgeBases, documents, blobs, queues, maxBytes, now } = options;

  /** Hands out a version that no other upload has: of a new document, or the next one of an existing. */
  async function reserve(
    principal: Principal,
    target: UploadTarget,
    { name, access, tags = [], modifiedAt }: UploadedFile,
  ) {
    await knowledgeBases.getManaged(principal, target.knowledgeBaseId);
    if (target.documentId === undefined) {
      const full = await lackOfRoom(repository, policyOf(principal), { ...principal, ...target });
      if (full) throw new AppError('forbidden', full.reason, { details: { code: full.code } });
      const { value } = await repository.create(
        newDocument({
          id: options.newId('doc'),
          tenantId: principal.tenantId,
          knowledgeBaseId: target.knowledgeBaseId,
          name,
          source: 'upload',
          access,
          tags,
          modifiedAt,
          createdBy: principal.userId,
          drop: null,
          now: now().toISOString(),
        }),
      );
      return { document: value, version: value.version };
    }
    const { value } = await documents.get(principal, { ...target, documentId: target.documentId });
    const issued = await changeDocument(repository, keyOf(value), issueVersion);
    if (!issued) throw new AppError('not_found', 'There is no such document.');
    return { document: issued.value, version: issued.value.versionsIssued };
  }

  async function publish(
    key: DocumentKey,
    version: number,
    file: { readonly size: number; readonly modifiedAt?: string | undefined },
  ): Promise<StoredDocument> {
    const queued = await changeDocument(repository, key, (document) =>
      queueVersion(document, version, { ...file, now: now().toISOString() }),
    );
    if (!queued) throw new AppError('conflict', 'A newer upload of this document came first, or it was deleted.');
    return enqueue(queued.value);
  }

  async function enqueue(document: StoredDocument): Promise<StoredDocument> {
    await queues.documentChunk({ ...keyOf(document), version: document.version });
    return document;
  }

  return {
    async receive(principal, target, file) {
      const { document, version } = await reserve(principal, target, file);
      const key = keyOf(document);
      try {
        const allowed = maxDocumentBytes(policyOf(principal), maxBytes);
        const { size } = await blobs.upload('documents', sourceBlob(key, version), file.content, allowed);
        requireSize(size, allowed);
        return await publish(key, version, { size, modifiedAt: file.modifiedAt });
      } catch (error) {
        await abandon(key, version, target.documentId === undefined);
        throw error;
      }
    },
    async begin(principal, target, file) {
      const { document, version } = await reserve(principal, target, file);
      const expiresAt = linkExpiry(now());
      const uploadUrl = await blobs.writeLink('documents', sourceBlob(keyOf(document), version), { expiresAt });
      return { document, uploadUrl, expiresAt: expiresAt.toISOString() };
    },
    async complete(principal, reference, requested) {
      await knowledgeBases.getManaged(principal, reference.knowledgeBaseId);
      const { value } = await documents.get(principal, reference);
      const key = keyOf(value);
      const version = requested ?? value.versionsIssued;
      const { status } = value;
      const hasFile = status !== 'awaiting-upload';
      // The answer to an earlier call was lost; the message may have been as well, and one too many does no harm.
      if (value.version === version && status === 'queued') return enqueue(value);
      if (value.version === version && hasFile && status !== 'deleting') return value;
      const blob = await blobs.info('documents', sourceBlob(key, version));
      if (!blob) throw new AppError('conflict', 'Nothing has been uploaded yet. PUT the file to `uploadUrl` first.');
      try {
        requireSize(blob.size, maxDocumentBytes(policyOf(principal), maxBytes));
      } catch (error) {
        await abandon(key, version, !hasFile && value.versionsIssued === version);
        throw error;
      }
      return publish(key, version, { size: blob.size });
    },
  };

  /** A new document whose first file did not come through is taken back; an existing one goes on without that version. */
  async function abandon(key: DocumentKey, version: number, isNew: boolean): Promise<void> {
    if (isNew) await repository.remove(key);
    const current = await repository.find(key);
    if (current?.value.version !== version) await blobs.remove('documents', sourceBlob(key, version));
  }
}

const policyOf = ({ tenantChain: [{ policy }] }: Principal) => policy;

function requireSize(size: number, maxBytes: number): void {
  const tooLarge = lackOfSize(size, maxBytes);
  if (tooLarge) throw new AppError('payload_too_large', tooLarge.reason);
  if (size === 0) throw new AppError('unprocessable', 'The file is empty. Choose one with content.');
}
