import type { DocumentChunkMessage } from '../contracts/queue-messages.ts';
import type { AppError } from '../errors.ts';
import { type FailDocumentOptions, failDocument } from './fail-document.ts';

/** A budget may be raised at any time, so a message never sleeps longer than this. */
const MAX_DELAY_SECONDS = 15 * 60;

/** Work for a version of a document. */
export interface PostponableWork {
  readonly of: DocumentChunkMessage;
  /** Does the work again later. */
  readonly putOff: (delaySeconds: number) => Promise<void>;
}

/** For how long work is put off that was told to come back later, in whole seconds. */
export function delayOf(retryAfterSeconds: number): number {
  return Math.min(Math.ceil(retryAfterSeconds), MAX_DELAY_SECONDS);
}

/**
 * What becomes of work that the limits refuse: it is done again when there is room, so that limits slow ingestion down and
 * fail nothing; work that no limit could ever hold fails its document.
 */
export async function putOffRefused(
  options: FailDocumentOptions,
  { of, putOff }: PostponableWork,
  refusal: AppError,
): Promise<void> {
  if (refusal.retryAfterSeconds !== undefined) return putOff(delayOf(refusal.retryAfterSeconds));
  const reason = `The limits of your organisation are too small for it: ${refusal.message}`;
  await failDocument(options, of, { code: 'limits-too-small', reason });
}
