import type { KnowledgeBase } from '../contracts/knowledge-bases.ts';
import type { Versioned } from '../versioned.ts';
import { whileOvertaken } from '../while-overtaken.ts';
import type { KnowledgeBaseKey } from './document-repository.ts';
import type { KnowledgeBaseRepository } from './knowledge-base-repository.ts';

const CONTENTION = {
  attempts: 8,
  jitter: 40,
  message: 'The knowledge base is being changed by many at once. Try again.',
};

/**
 * Applies a step to the newest state of a knowledge base, again whenever another writer was faster.
 * @returns what is stored now, or null when it is gone or the step no longer applies.
 * @throws AppError `conflict` when others keep winning.
 */
export async function changeKnowledgeBase(
  repository: Pick<KnowledgeBaseRepository, 'find' | 'replace'>,
  { tenantId, knowledgeBaseId }: KnowledgeBaseKey,
  step: (knowledgeBase: KnowledgeBase) => KnowledgeBase | null,
): Promise<Versioned<KnowledgeBase> | null> {
  return whileOvertaken(
    {
      async read() {
        const current = await repository.find(tenantId, knowledgeBaseId);
        const next = current && step(current.value);
        return next ? { next, etag: current.etag } : null;
      },
      write: async (change) => change && repository.replace(tenantId, change.next, change.etag),
    },
    CONTENTION,
  );
}
