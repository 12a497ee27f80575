import type { KnowledgeDocument } from '../contracts/documents.ts';
import type { KnowledgeBase } from '../contracts/knowledge-bases.ts';
import { matchingGrants, type Principal } from '../identity/principal.ts';
import { type Ground, groundsToManageKnowledgeBase, groundsToSeeKnowledgeBase } from './knowledge-base-access.ts';

/** Whether a principal may open a document. */
export function maySeeDocument(
  principal: Principal,
  knowledgeBase: KnowledgeBase,
  document: Pick<KnowledgeDocument, 'createdBy' | 'access'>,
): boolean {
  return groundsToSeeDocument(principal, knowledgeBase, document).length > 0;
}

/** Every ground there is; none without one to see the knowledge base. A document without a list of its own has that one's. */
export function groundsToSeeDocument(
  principal: Principal,
  knowledgeBase: KnowledgeBase,
  { createdBy, access }: Pick<KnowledgeDocument, 'createdBy' | 'access'>,
): Ground[] {
  const toSee = groundsToSeeKnowledgeBase(principal, knowledgeBase);
  if (toSee.length === 0 || access === null) return toSee;
  return [
    ...(createdBy === principal.userId ? [{ kind: 'owner' } as const] : []),
    ...groundsToManageKnowledgeBase(principal, knowledgeBase),
    ...matchingGrants(principal, access).map((grant) => ({ kind: 'access-list', grant }) as const),
  ];
}
