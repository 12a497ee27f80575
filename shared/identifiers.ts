import { createHash, randomInt } from 'node:crypto';
import { monotonicFactory } from 'ulid';

export type IdPrefix = 'ten' | 'ses' | 'msg' | 'run' | 'kb' | 'doc';

/** Node draws random integers in batches, ulid's own source asks the system for every digit. */
const nextUlid = monotonicFactory(() => randomInt(256) / 256);
const CROCKFORD_BASE32 = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const ULID_LENGTH = 26;

/** A new id that sorts by its time of creation. */
export function newId(prefix: IdPrefix): string {
  return `${prefix}_${nextUlid()}`;
}

/** The same id for the same parts, always: for things that the outside names, such as a blob's path. */
export function derivedId(prefix: IdPrefix, ...parts: readonly string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest();
  // Each byte gives one digit of five bits; the first digit stays below 8, as in any ULID.
  const digits = Array.from(digest.subarray(0, ULID_LENGTH), (byte, index) =>
    CROCKFORD_BASE32.charAt(byte % (index === 0 ? 8 : 32)),
  );
  return `${prefix}_${digits.join('')}`;
}
