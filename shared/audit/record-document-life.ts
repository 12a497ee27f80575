import type { DocumentId, KnowledgeBaseId, TenantId } from '../contracts/identifiers.ts';
import type { AuditDetails } from './audit-details.ts';
import type { AuditLog } from './audit-log.ts';

/** What happens to a document without anybody's request. A step that runs twice may put it on record twice. */
export interface DocumentLife {
  readonly action:
    | 'document.dropped'
    | 'document.dropped-file-removed'
    | 'document.held'
    | 'document.ready'
    | 'document.reindexed'
    | 'document.failed'
    | 'document.erased';
  readonly details?: AuditDetails;
}

export interface DocumentPlace {
  readonly tenantId: TenantId;
  readonly knowledgeBaseId: KnowledgeBaseId;
  readonly documentId: DocumentId;
}

export function recordDocumentLife(
  audit: AuditLog,
  { tenantId, knowledgeBaseId, documentId }: DocumentPlace,
  { action, details }: DocumentLife,
): Promise<void> {
  return audit.record({
    tenantId,
    action,
    outcome: action === 'document.failed' ? 'failed' : 'allowed',
    actor: { kind: 'system', id: 'ingestion', name: 'Ingestion' },
    subject: documentId,
    details: { knowledgeBaseId, ...details },
  });
}
