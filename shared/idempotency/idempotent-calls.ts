import { createHash } from 'node:crypto';
import { AppError } from '../errors.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Versioned } from '../versioned.ts';

/** An answer that can be given again. */
export interface KeptAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
}

/** That a key was used: by a call that still runs, or by one that was answered. */
export interface IdempotencyRecord {
  readonly scope: string;
  /** A digest of the key. */
  readonly id: string;
  readonly requestHash: string;
  /** null while the call runs. */
  readonly answer: KeptAnswer | null;
  readonly expiresAt: string;
}

export interface IdempotencyStore {
  find(scope: string, id: string): Promise<Versioned<IdempotencyRecord> | null>;
  /** @throws AppError `conflict` when there is one. */
  create(record: IdempotencyRecord): Promise<Versioned<IdempotencyRecord>>;
  /** @throws AppError `precondition_failed` when it is no longer what `etag` named, or gone. */
  replace(record: IdempotencyRecord, etag: string): Promise<Versioned<IdempotencyRecord>>;
  /** Does nothing when it is gone. @throws AppError `precondition_failed` when it is no longer what `etag` named. */
  remove(scope: string, id: string, etag: string): Promise<void>;
}

export interface IdempotentCall {
  /** Whose key it is, and for what: the same key elsewhere is another one. */
  readonly scope: readonly string[];
  readonly key: string;
  /** All that the caller asks for. */
  readonly request: unknown;
}

/** The first call with a key: exactly one of the two must follow. Neither throws. */
export interface Claim {
  /** Keeps the answer for a day. */
  keep(answer: KeptAnswer): Promise<void>;
  /** The call failed: the key is free again. */
  release(): Promise<void>;
}

export interface IdempotentCalls {
  /**
   * The answer of an earlier call with this key, or the claim of the first one.
   * @throws AppError `unprocessable` when that asked for something else, `conflict` while it runs
   */
  begin(call: IdempotentCall): Promise<{ readonly answer: KeptAnswer } | { readonly claim: Claim }>;
}

/** How long a call may take; afterwards it counts as crashed, and its key is free again. */
const CLAIM_MILLISECONDS = 2 * 60_000;
const ANSWER_MILLISECONDS = 24 * 60 * 60_000;

export function createIdempotentCalls(options: {
  readonly store: IdempotencyStore;
  readonly now: () => Date;
  readonly log: Pick<Logger, 'warn'>;
}): IdempotentCalls {
  const { store, now, log } = options;
  const after = (milliseconds: number) => new Date(now().getTime() + milliseconds).toISOString();

  /** null when another call has the key. */
  async function claim(record: IdempotencyRecord): Promise<Versioned<IdempotencyRecord> | null> {
    const held = await store.find(record.scope, record.id);
    if (held && Date.parse(held.value.expiresAt) > now().getTime()) return null;
    try {
      return await (held ? store.replace(record, held.etag) : store.create(record));
    } catch (error) {
      const { code } = error as AppError;
      if (code === 'conflict' || code === 'precondition_failed') return null;
      throw error;
    }
  }

  async function answerOf({ scope, id, requestHash }: IdempotencyRecord): Promise<KeptAnswer> {
    const held = await store.find(scope, id);
    if (held && held.value.requestHash !== requestHash) {
      throw new AppError('unprocessable', 'This Idempotency-Key was used for another request. Use a new one.');
    }
    if (held?.value.answer) return held.value.answer;
    throw new AppError('conflict', 'A request with this Idempotency-Key is still running.', { retryAfterSeconds: 1 });
  }

  function claimOf({ value, etag }: Versioned<IdempotencyRecord>): Claim {
    const unlessLate = (change: Promise<unknown>) =>
      change.then(
        () => undefined,
        (error: unknown) => log.warn('an idempotency key was not settled', { error }),
      );
    return {
      keep: (answer) => unlessLate(store.replace({ ...value, answer, expiresAt: after(ANSWER_MILLISECONDS) }, etag)),
      release: () => unlessLate(store.remove(value.scope, value.id, etag)),
    };
  }

  return {
    async begin({ scope, key, request }) {
      const record: IdempotencyRecord = {
        scope: `idempotency:${scope.join(':')}`,
        id: digestOf(key),
        requestHash: digestOf(JSON.stringify(request)),
        answer: null,
        expiresAt: after(CLAIM_MILLISECONDS),
      };
      const claimed = await claim(record);
      return claimed ? { claim: claimOf(claimed) } : { answer: await answerOf(record) };
    },
  };
}

const digestOf = (text: string) => createHash('sha256').update(text).digest('base64url');
