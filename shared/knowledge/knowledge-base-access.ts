import type { KnowledgeBase } from '../contracts/knowledge-bases.ts';
import { mayRead, type Principal } from '../identity/principal.ts';

/** Whether a principal may search a knowledge base and know that it exists. */
export function maySeeKnowledgeBase(principal: Principal, knowledgeBase: KnowledgeBase): boolean {
  return (
    knowledgeBase.createdBy === principal.userId ||
    principal.permissions.has('knowledge:admin') ||
    mayRead(principal, knowledgeBase.access)
  );
}

/** Whether a principal may change a knowledge base and what is in it. */
export function mayManageKnowledgeBase(principal: Principal, knowledgeBase: KnowledgeBase): boolean {
  const isOwner = knowledgeBase.createdBy === principal.userId;
  return principal.permissions.has('knowledge:admin') || (isOwner && principal.permissions.has('knowledge:write'));
}
