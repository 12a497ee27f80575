import { setTimeout as sleep } from 'node:timers/promises';
import { isSettled } from '../contracts/documents.ts';
import { isAppError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import type { StoredDocument } from './document-repository.ts';
import type { DocumentReference, Documents } from './documents.ts';

const POLL_MILLISECONDS = 400;
const MAX_WATCH_MILLISECONDS = 10 * 60_000;

/** Gives a document now and after each change, until it is ready, held, failed or gone, for ten minutes at most. */
export async function* watchDocument(
  documents: Documents,
  principal: Principal,
  reference: DocumentReference,
  now: () => Date,
): AsyncGenerator<StoredDocument> {
  const until = now().getTime() + MAX_WATCH_MILLISECONDS;
  let lastEtag = '';
  while (now().getTime() < until) {
    const found = await findDocument(documents, principal, reference);
    if (!found) return;
    if (found.etag !== lastEtag) yield found.value;
    if (isSettled(found.value.status)) return;
    lastEtag = found.etag;
    await sleep(POLL_MILLISECONDS);
  }
}

async function findDocument(documents: Documents, principal: Principal, reference: DocumentReference) {
  try {
    return await documents.get(principal, reference);
  } catch (error) {
    if (isAppError(error, 'not_found')) return null;
    throw error;
  }
}
