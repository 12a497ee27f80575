import type { DocumentId, KnowledgeBaseId } from '../contracts/identifiers.ts';
import type { Principal } from '../identity/principal.ts';
import type { AuditLog } from './audit-log.ts';
import { actorOf } from './sign-ins.ts';

const MAX_LISTED = 100;

/** What a search chose for its principal; `subject` is the run that it was for, if any. */
export interface RetrievalDecision {
  readonly subject: string | null;
  readonly knowledgeBaseIds: readonly KnowledgeBaseId[];
  readonly passages: readonly { readonly documentId: DocumentId }[];
}

/** Records which documents were used, never what was asked or found in them. Does not fail because of the store. */
export function recordRetrieval(audit: AuditLog, principal: Principal, decision: RetrievalDecision): Promise<void> {
  const documentIds = [...new Set(decision.passages.map(({ documentId }) => documentId))];
  return audit.record({
    tenantId: principal.tenantId,
    action: 'retrieval.done',
    outcome: 'allowed',
    actor: actorOf(principal),
    subject: decision.subject,
    details: {
      knowledgeBaseIds: decision.knowledgeBaseIds.slice(0, MAX_LISTED),
      documentIds: documentIds.slice(0, MAX_LISTED),
      passages: decision.passages.length,
    },
  });
}
