import type { ChatTurn } from '../contracts/chat.ts';
import { AppError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';

/**
 * Whether a turn searches: unless it asks for no knowledge base, and only for those who may read knowledge.
 * @throws AppError `forbidden` when knowledge bases are named by somebody who may not.
 */
export function wantsSearch({ permissions }: Principal, { knowledgeBaseIds }: ChatTurn): boolean {
  if (permissions.has('knowledge:read')) return knowledgeBaseIds?.length !== 0;
  if (!knowledgeBaseIds?.length) return false;
  throw mayNotSearch();
}

/** Somebody names a knowledge base who may not read knowledge. */
export function mayNotSearch(): AppError {
  const message = 'To ask knowledge bases, the permission knowledge:read is needed besides chat:use.';
  return new AppError('forbidden', message);
}
