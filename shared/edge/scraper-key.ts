import { createHash, timingSafeEqual } from 'node:crypto';
import type { HttpRequest } from '@azure/functions';
import { AppError } from '../errors.ts';

/**
 * Lets in who sends the key of `/metrics`. @throws AppError `not_found` where no key is set, `unauthenticated` for any other
 * key.
 */
export function requireScraperKey({ headers }: HttpRequest, key: string | undefined): void {
  if (key === undefined)
    throw new AppError('not_found', 'Metrics are off. Set METRICS_KEY to let a scraper read them.');
  const bearer = /^Bearer (.+)$/.exec(headers.get('authorization') ?? '')?.[1];
  const sent = bearer ?? headers.get('api-key') ?? '';
  if (timingSafeEqual(digestOf(sent), digestOf(key))) return;
  throw new AppError('unauthenticated', 'Send the key of the metrics as `Authorization: Bearer <key>` or `api-key`.');
}

/** Of equal length for all keys, so that a comparison takes as long for each. */
const digestOf = (text: string) => createHash('sha256').update(text).digest();
