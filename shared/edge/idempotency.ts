import type { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import type { IdempotentCalls, KeptAnswer } from '../idempotency/idempotent-calls.ts';
import type { Principal } from '../identity/principal.ts';
import type { Reply } from './operation.ts';

const HEADER = 'idempotency-key';
const KEY = /^[\x21-\x7e]{1,200}$/;
const MAX_BODY_CHARACTERS = 100 * 1024;

/** The header as the API's documentation shows it. */
export const IdempotencyHeaders = z.object({
  'Idempotency-Key': z.string().regex(KEY).optional().meta({
    description:
      'Makes it safe to send the request again: for a day, the same key with the same request gets the first answer, with `idempotent-replayed: true`',
  }),
});

export interface GuardedCall<T> {
  readonly calls: IdempotentCalls;
  readonly operation: string;
  readonly principal: Principal;
  readonly request: HttpRequest;
  /** All that was asked for, checked. */
  readonly asked: unknown;
  /** The status of a reply that names none. */
  readonly defaultStatus: number;
  /** What may be kept of a body. */
  keep(body: T): T;
  run(): Promise<Reply<T>>;
}

/** Runs a call, or gives the answer of an earlier one that came with the same `Idempotency-Key`. */
export async function onceForKey<T>(call: GuardedCall<T>): Promise<Reply<T>> {
  const key = call.request.headers.get(HEADER);
  if (key === null) return call.run();
  if (!KEY.test(key)) {
    throw new AppError('bad_request', '`Idempotency-Key` must be 1 to 200 visible ASCII characters.');
  }
  const { tenantId, userId } = call.principal;
  const begun = await call.calls.begin({ scope: [tenantId, userId, call.operation], key, request: call.asked });
  if ('answer' in begun) return replayOf(begun.answer);
  const { claim } = begun;
  try {
    const reply = await call.run();
    await claim.keep(answerOf(call, reply));
    return reply;
  } catch (error) {
    await claim.release();
    throw error;
  }
}

function answerOf<T>({ keep, defaultStatus }: GuardedCall<T>, { status, headers, etag, body }: Reply<T>): KeptAnswer {
  const text = body === undefined ? '' : JSON.stringify(keep(body));
  return {
    status: status ?? defaultStatus,
    headers: { ...headers, ...(etag && { etag }) },
    body: text.length <= MAX_BODY_CHARACTERS ? text : '',
  };
}

function replayOf<T>({ status, headers, body }: KeptAnswer): Reply<T> {
  return {
    status,
    headers: { ...headers, 'idempotent-replayed': 'true' },
    ...(body !== '' && { body: JSON.parse(body) as T }),
  };
}
