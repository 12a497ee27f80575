import { createHash } from 'node:crypto';
import { AppError } from '../../errors.ts';

const CHECKSUM_BYTES = 9;

/** Wraps a continuation token of Cosmos DB so that it fits a URL and only the query that it came from takes it back. */
export function wrapContinuation(scope: string, token: string): string {
  return Buffer.concat([checksum(scope, token), Buffer.from(token)]).toString('base64url');
}

/** @throws AppError `bad_request` when the continuation was changed or belongs to another query. */
export function unwrapContinuation(scope: string, continuation: string): string {
  const bytes = Buffer.from(continuation, 'base64url');
  const token = bytes.subarray(CHECKSUM_BYTES).toString();
  const isCanonical = bytes.toString('base64url') === continuation;
  if (!isCanonical || !bytes.subarray(0, CHECKSUM_BYTES).equals(checksum(scope, token))) throw wrongContinuation();
  return token;
}

export function wrongContinuation(cause?: unknown): AppError {
  return new AppError('bad_request', 'The continuation is not from an earlier page of this list. Start again.', {
    cause,
  });
}

/** Finds mistakes, not forgers: a forged token reaches no other partition than the caller's own. */
function checksum(scope: string, token: string): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([scope, token]))
    .digest()
    .subarray(0, CHECKSUM_BYTES);
}
