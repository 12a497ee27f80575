import { changeDocument } from '../knowledge/change-document.ts';
import { startDeleting } from '../knowledge/document-lifecycle.ts';
import type { DocumentRepository, StoredDocument } from '../knowledge/document-repository.ts';
import { keyOf } from '../knowledge/document-source.ts';
import type { IngestionQueues } from '../knowledge/ingestion-queues.ts';
import type { KnowledgeBaseRepository } from '../knowledge/knowledge-base-repository.ts';
import type { Expirer, Expiry } from './expirer.ts';

const DOCUMENTS_AT_ONCE = 100;

/** Documents that nobody has changed for long; they go by the queue, as when somebody deletes them. */
export function createDocumentExpirer(options: {
  readonly documents: DocumentRepository;
  readonly knowledgeBases: Pick<KnowledgeBaseRepository, 'list'>;
  readonly queues: Pick<IngestionQueues, 'documentDelete'>;
  readonly now: () => Date;
}): Expirer {
  const { documents, knowledgeBases, queues, now } = options;

  /** False when it has been changed meanwhile. */
  async function expire(document: StoredDocument, before: string): Promise<boolean> {
    const key = keyOf(document);
    const marked = await changeDocument(documents, key, (current) =>
      current.updatedAt < before ? startDeleting(current, now().toISOString()) : null,
    );
    // One that is being deleted gets another message: the first may never have been sent.
    if (marked || document.status === 'deleting') await queues.documentDelete(key);
    return marked !== null;
  }

  async function expireIn(knowledgeBaseId: string, { tenantId, before, held, isTimeUp }: Expiry): Promise<number> {
    let removed = 0;
    let after = '';
    while (!isTimeUp()) {
      const page = await documents.unchangedSince(tenantId, knowledgeBaseId, before, {
        after,
        limit: DOCUMENTS_AT_ONCE,
      });
      for (const document of page) {
        const isHeld = document.createdBy !== null && held.has(document.createdBy);
        if (!isHeld && (await expire(document, before))) removed += 1;
      }
      after = page.at(-1)?.id ?? after;
      if (page.length < DOCUMENTS_AT_ONCE) break;
    }
    return removed;
  }

  return {
    kind: 'documents',
    async expire(expiry) {
      let removed = 0;
      for (const { id } of await knowledgeBases.list(expiry.tenantId)) removed += await expireIn(id, expiry);
      return removed;
    },
  };
}
