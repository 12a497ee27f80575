import { setTimeout as sleep } from 'node:timers/promises';
import type { KnowledgeBaseId, TenantId } from '../contracts/identifiers.ts';
import type { KnowledgeBase } from '../contracts/knowledge-bases.ts';
import { AppError, isAppError } from '../errors.ts';
import type { Versioned } from '../versioned.ts';
import type { KnowledgeBaseRepository } from './knowledge-base-repository.ts';

const MAX_ATTEMPTS = 8;
const JITTER_MILLISECONDS = 40;

/**
 * Applies a step to the newest state of a knowledge base, again whenever another writer was faster.
 * @returns what is stored now, or null when it is gone or the step no longer applies.
 * @throws AppError `conflict` when others keep winning.
 */
export async function changeKnowledgeBase(
  repository: Pick<KnowledgeBaseRepository, 'find' | 'replace'>,
  { tenantId, knowledgeBaseId }: { readonly tenantId: TenantId; readonly knowledgeBaseId: KnowledgeBaseId },
  step: (knowledgeBase: KnowledgeBase) => KnowledgeBase | null,
): Promise<Versioned<KnowledgeBase> | null> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const current = await repository.find(tenantId, knowledgeBaseId);
    const next = current && step(current.value);
    if (!current || !next) return null;
    try {
      return await repository.replace(tenantId, next, current.etag);
    } catch (error) {
      if (!isAppError(error, 'precondition_failed')) throw error;
      await sleep(Math.random() * JITTER_MILLISECONDS * attempt);
    }
  }
  throw new AppError('conflict', 'The knowledge base is being changed by many at once. Try again.');
}
