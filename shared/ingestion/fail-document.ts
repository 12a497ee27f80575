import type { AuditLog } from '../audit/audit-log.ts';
import { recordDocumentLife } from '../audit/record-document-life.ts';
import type { DocumentFailure } from '../contracts/documents.ts';
import type { DocumentChunkMessage } from '../contracts/queue-messages.ts';
import { changeDocument } from '../knowledge/change-document.ts';
import { fail } from '../knowledge/document-lifecycle.ts';
import type { DocumentRepository } from '../knowledge/document-repository.ts';
import { metrics } from '../telemetry/metrics.ts';
import { tenantLabel } from '../telemetry/tenant-label.ts';

export interface FailDocumentOptions {
  readonly repository: DocumentRepository;
  readonly audit: AuditLog;
  readonly now: () => Date;
}

/** Says on a document, and in the audit log, why a version of it cannot be used; not of a version that is past. */
export async function failDocument(
  { repository, audit, now }: FailDocumentOptions,
  { tenantId, knowledgeBaseId, documentId, version }: DocumentChunkMessage,
  failure: DocumentFailure,
): Promise<void> {
  const key = { tenantId, knowledgeBaseId, documentId };
  const failed = await changeDocument(repository, key, (document) =>
    fail(document, version, failure, now().toISOString()),
  );
  const details = { version, code: failure.code };
  if (!failed) return;
  metrics.documents.add(1, { outcome: 'failed', tenant: tenantLabel(tenantId) });
  await recordDocumentLife(audit, key, { action: 'document.failed', details });
}
