import { DocumentFindings, type FindingSummary } from '../contracts/screening.ts';
import { AppError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import type { BlobStore } from './blob-store.ts';
import { changeDocument } from './change-document.ts';
import { findingsBlob } from './document-blobs.ts';
import { release } from './document-lifecycle.ts';
import type { DocumentRepository, StoredDocument } from './document-repository.ts';
import { keyOf } from './document-source.ts';
import type { DocumentReference, Documents } from './documents.ts';
import type { IngestionQueues } from './ingestion-queues.ts';
import type { KnowledgeBases } from './knowledge-bases.ts';

/** What managers decide about documents in which something was found. To refuse one is to delete it. */
export interface Quarantine {
  /** What was found in the newest version, place by place. */
  findings(principal: Principal, reference: DocumentReference): Promise<DocumentFindings>;
  /**
   * Lets a held version be indexed as it is. With the same text it is not held for the same again.
   * @throws AppError `conflict` when that version is not held.
   */
  release(
    principal: Principal,
    reference: DocumentReference,
    version: number | undefined,
  ): Promise<{ readonly document: StoredDocument; readonly findings: readonly FindingSummary[] }>;
}

export interface QuarantineOptions {
  readonly documents: Documents;
  readonly knowledgeBases: KnowledgeBases;
  readonly repository: DocumentRepository;
  readonly blobs: BlobStore;
  readonly queues: IngestionQueues;
  readonly now: () => Date;
}

export function createQuarantine(options: QuarantineOptions): Quarantine {
  const { documents, knowledgeBases, repository, blobs, queues, now } = options;

  async function getManaged(principal: Principal, reference: DocumentReference): Promise<StoredDocument> {
    await knowledgeBases.getManaged(principal, reference.knowledgeBaseId);
    return (await documents.get(principal, reference)).value;
  }

  return {
    async findings(principal, reference) {
      const document = await getManaged(principal, reference);
      const { version, findings } = document;
      const nothing = { version, total: 0, findings: [] };
      if (findings.length === 0) return nothing;
      const stored = await blobs.readJson('documents', findingsBlob(keyOf(document), version));
      return stored === null ? nothing : DocumentFindings.parse(stored);
    },
    async release(principal, reference, version) {
      const found = await getManaged(principal, reference);
      const key = keyOf(found);
      const wanted = version ?? found.version;
      const released = await changeDocument(repository, key, (document) =>
        release(document, wanted, now().toISOString()),
      );
      if (!released) {
        throw new AppError('conflict', 'That version is not held. Read the document again to see what became of it.');
      }
      await queues.documentChunk({ ...key, version: wanted });
      return { document: released.value, findings: found.findings };
    },
  };
}
