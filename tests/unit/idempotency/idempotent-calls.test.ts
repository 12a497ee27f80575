import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import {
  createIdempotentCalls,
  type IdempotencyRecord,
  type IdempotencyStore,
} from '../../../shared/idempotency/idempotent-calls.ts';
import type { Versioned } from '../../../shared/versioned.ts';

const MINUTE = 60_000;
const call = { scope: ['ten', 'user', 'things-create'], key: 'one', request: { name: 'A' } };
const answer = { status: 201, headers: {}, body: '{}' };

let clock: number;
let writes: number;
let warnings: number;
const records = new Map<string, Versioned<IdempotencyRecord>>();

function write(value: IdempotencyRecord): Versioned<IdempotencyRecord> {
  writes += 1;
  const versioned = { value, etag: String(writes) };
  records.set(value.id, versioned);
  return versioned;
}

function require(id: string, etag: string): void {
  if (records.get(id)?.etag !== etag) throw new AppError('precondition_failed', 'Changed.');
}

const store: IdempotencyStore = {
  find: async (_scope, id) => records.get(id) ?? null,
  async create(record) {
    if (records.has(record.id)) throw new AppError('conflict', 'There.');
    return write(record);
  },
  async replace(record, etag) {
    require(record.id, etag);
    return write(record);
  },
  async remove(_scope, id, etag) {
    require(id, etag);
    records.delete(id);
  },
};

const calls = createIdempotentCalls({
  store,
  now: () => new Date(clock),
  log: { warn: () => (warnings += 1) } as never,
});

async function claim() {
  const begun = await calls.begin(call);
  if ('answer' in begun) throw new Error('It was answered already.');
  return begun.claim;
}

beforeEach(() => {
  clock = 0;
  writes = 0;
  warnings = 0;
  records.clear();
});

describe('the key of a call', () => {
  it('is held while the call runs, and free two minutes after it crashed', async () => {
    await claim();
    clock = 2 * MINUTE - 1;
    await expect(calls.begin(call)).rejects.toMatchObject({ code: 'conflict', retryAfterSeconds: 1 });
    clock += 1;
    await (await claim()).keep(answer);
    expect(await calls.begin(call)).toEqual({ answer });
  });

  it('answers for a day', async () => {
    await (await claim()).keep(answer);
    clock = 24 * 60 * MINUTE - 1;
    expect(await calls.begin(call)).toEqual({ answer });
    clock += 1;
    await claim();
  });

  it('goes to one of two that come after a crash', async () => {
    await claim();
    clock = 2 * MINUTE;
    const both = await Promise.allSettled([calls.begin(call), calls.begin(call)]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('is not taken from its new holder by one who comes back late', async () => {
    const late = await claim();
    clock = 2 * MINUTE;
    const current = await claim();
    await late.release();
    await late.keep({ ...answer, status: 500 });
    await current.keep(answer);
    expect(await calls.begin(call)).toEqual({ answer });
    expect(warnings).toBe(2);
  });
});
