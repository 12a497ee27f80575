import type { DocumentFailure } from '../contracts/documents.ts';
import type { KnowledgeBaseId } from '../contracts/identifiers.ts';
import type { Policy } from '../contracts/policy.ts';
import { AppError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import type { DocumentRepository } from './document-repository.ts';

const MEGABYTE = 1024 * 1024;

/** The largest document in bytes: what the platform takes, or less where the policy says so. */
export function maxDocumentBytes({ knowledgeQuotas }: Policy, platformMaximum: number): number {
  return Math.min(platformMaximum, (knowledgeQuotas?.documentMegabytes ?? Number.POSITIVE_INFINITY) * MEGABYTE);
}

/** @throws AppError `forbidden` when the tenant has as many knowledge bases as its policy allows. */
export function requireRoomForKnowledgeBase({ tenantChain: [{ policy }] }: Principal, existing: number): void {
  const quota = policy.knowledgeQuotas?.knowledgeBases;
  if (quota === undefined || existing < quota) return;
  throw new AppError('forbidden', `Your tenant may have ${quota} knowledge bases, and has them. Delete one first.`, {
    details: { quota, existing },
  });
}

/** Why a knowledge base takes no further document; null when it does. */
export async function lackOfRoom(
  repository: DocumentRepository,
  { knowledgeQuotas }: Policy,
  { tenantId, knowledgeBaseId }: { readonly tenantId: string; readonly knowledgeBaseId: KnowledgeBaseId },
): Promise<DocumentFailure | null> {
  const quota = knowledgeQuotas?.documents;
  if (quota === undefined || (await repository.count(tenantId, knowledgeBaseId)) < quota) return null;
  const reason = `This knowledge base may hold ${quota} documents, and does. Delete one, then try again.`;
  return { code: 'quota-used-up', reason };
}

/** Why a file of this size is refused; null when it is not. */
export function lackOfSize(bytes: number, maxBytes: number): DocumentFailure | null {
  if (bytes <= maxBytes) return null;
  const reason = `The file is larger than the ${maxBytes / MEGABYTE} MB that are allowed. Split it and try again.`;
  return { code: 'too-large', reason };
}
