import { AppError, isAppError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import type { DocumentReference, Documents } from '../knowledge/documents.ts';

/**
 * Lets a run go on only with what its principal may still read: while it waited, a document may have been deleted, or
 * withdrawn from this reader. @throws AppError `conflict`
 */
export async function requireReadable(
  documents: Pick<Documents, 'get'>,
  principal: Principal,
  passages: readonly DocumentReference[],
): Promise<void> {
  const distinct = new Map(passages.map((passage) => [passage.documentId, passage]));
  const isReadable = await Promise.all(
    [...distinct.values()].map((document) => mayRead(documents, principal, document)),
  );
  if (isReadable.every(Boolean)) return;
  throw new AppError('conflict', 'A document that this answer has read was deleted or withdrawn meanwhile. Ask again.');
}

async function mayRead(
  documents: Pick<Documents, 'get'>,
  principal: Principal,
  reference: DocumentReference,
): Promise<boolean> {
  if (!principal.permissions.has('knowledge:read')) return false;
  try {
    return (await documents.get(principal, reference)).value.status !== 'deleting';
  } catch (error) {
    if (isAppError(error, 'not_found')) return false;
    throw error;
  }
}
