import type { KnowledgeBase } from '../contracts/knowledge-bases.ts';
import type { Permission } from '../contracts/me.ts';
import { matchingGrants, type Principal } from '../identity/principal.ts';

/** Something that lets a principal in; one is enough. */
export type Ground =
  | { readonly kind: 'owner' }
  | { readonly kind: 'permission'; readonly permission: Permission }
  | { readonly kind: 'access-list'; readonly grant: string };

/** Whether a principal may search a knowledge base and know that it exists. */
export function maySeeKnowledgeBase(principal: Principal, knowledgeBase: KnowledgeBase): boolean {
  return groundsToSeeKnowledgeBase(principal, knowledgeBase).length > 0;
}

/** Whether a principal may change a knowledge base and what is in it. */
export function mayManageKnowledgeBase(principal: Principal, knowledgeBase: KnowledgeBase): boolean {
  return groundsToManageKnowledgeBase(principal, knowledgeBase).length > 0;
}

/** Every ground there is; none for a key that is held to other knowledge bases. */
export function groundsToSeeKnowledgeBase(principal: Principal, knowledgeBase: KnowledgeBase): Ground[] {
  if (!isInScope(principal, knowledgeBase)) return [];
  return [
    ...ownership(principal, knowledgeBase),
    ...administration(principal),
    ...matchingGrants(principal, knowledgeBase.access).map((grant) => ({ kind: 'access-list', grant }) as const),
  ];
}

export function groundsToManageKnowledgeBase(principal: Principal, knowledgeBase: KnowledgeBase): Ground[] {
  if (!isInScope(principal, knowledgeBase)) return [];
  const mayWrite = principal.permissions.has('knowledge:write');
  return [...(mayWrite ? ownership(principal, knowledgeBase) : []), ...administration(principal)];
}

function isInScope({ knowledgeBaseIds }: Principal, { id }: KnowledgeBase): boolean {
  return knowledgeBaseIds === null || knowledgeBaseIds.includes(id);
}

function ownership({ userId }: Principal, { createdBy }: KnowledgeBase): Ground[] {
  return createdBy === userId ? [{ kind: 'owner' }] : [];
}

function administration({ permissions }: Principal): Ground[] {
  return permissions.has('knowledge:admin') ? [{ kind: 'permission', permission: 'knowledge:admin' }] : [];
}
